//! Signed requests cannot be extended: every kind of request with every kind of addition.

use std::collections::BTreeMap;

use augment_stores_port::sigv4::testing::{sign_header, sign_raw};
use augment_stores_port::{Area, ObjectStore, Signer, UploadRules};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::support::{BODY, Server, key, rules, serve};

const MINE: &str = "originals/a/mine.jpg";
const SECRET: &str = "/delta-originals/originals/b/secret.jpg";
const CHECKSUM: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/// The checksum of `bytes`.
const OF_BYTES: &str = "J3CJ2RwL308uaGK6fkoHYFEZQx9dE/cm3TUrBvGyBqk=";

const HEADERS: [(&str, &str); 24] = [
    ("x-amz-copy-source", SECRET),
    ("x-amz-copy-source-range", "bytes=0-3"),
    ("x-amz-copy-source-if-match", "\"a\""),
    ("x-amz-metadata-directive", "REPLACE"),
    ("x-amz-meta-announced", "yes"),
    ("x-amz-meta-recipe", "none"),
    ("x-amz-checksum-sha256", CHECKSUM),
    ("x-amz-checksum-crc32", "AAAAAA=="),
    ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
    ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
    ("x-amz-decoded-content-length", "3"),
    ("x-amz-trailer", "x-amz-checksum-crc32"),
    ("x-amz-date", "20130524T000000Z"),
    ("x-amz-security-token", "token"),
    ("x-amz-acl", "public-read"),
    ("x-amz-tagging", "a=b"),
    ("x-amz-storage-class", "GLACIER"),
    ("x-amz-website-redirect-location", "http://evil.example"),
    ("x-amz-server-side-encryption", "AES256"),
    ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
    ("x-amz-object-lock-mode", "COMPLIANCE"),
    ("x-amz-bypass-governance-retention", "true"),
    ("x-amz-write-offset-bytes", "0"),
    ("x-amz-not-thought-of-yet", "1"),
];

const QUERIES: [&str; 21] = [
    "uploads",
    "uploadId=00ff",
    "partNumber=1",
    "partNumber=9",
    "acl",
    "tagging",
    "torrent",
    "attributes",
    "retention",
    "restore",
    "delete",
    "versionId=null",
    "select&select-type=2",
    "list-type=2",
    "response-content-type=text%2Fhtml",
    "response-content-disposition=inline",
    "x-id=CopyObject",
    "x-amz-copy-source=%2Fdelta-originals%2Foriginals%2Fb%2Fsecret.jpg",
    "X-Amz-Expires=604800",
    "X-Amz-SignedHeaders=host%3Bx-amz-copy-source",
    "AWSAccessKeyId=a&Expires=9999999999&Signature=a",
];

/// A valid signed request.
struct Asked {
    kind: &'static str,
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Asked {
    /// Sends it with an additional header or query.
    async fn with(&self, server: &Server, header: Option<(&str, &[u8])>, query: &str) -> u16 {
        let mut headers = HeaderMap::new();
        // The client sets these itself.
        for (name, value) in self.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "content-length" | "host"))
        {
            headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        if let Some((name, value)) = header {
            headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value).unwrap());
        }
        let joint = if query.is_empty() || self.url.contains('?') { "&" } else { "?" };
        let url = if query.is_empty() { self.url.clone() } else { format!("{}{joint}{query}", self.url) };
        let request = server.client.request(self.method.parse().unwrap(), url).headers(headers);
        request.body(self.body.clone()).send().await.unwrap().status().as_u16()
    }

    async fn plain(&self, server: &Server) -> u16 {
        self.with(server, None, "").await
    }
}

/// A request signed in its header.
fn by_header(
    server: &Server,
    kind: &'static str,
    (method, path): (&str, &str),
    query: &[(&str, &str)],
    headers: &[(&str, &str)],
    body: &str,
) -> Asked {
    let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let (query, headers): (BTreeMap<_, _>, BTreeMap<_, _>) = (owned(query), owned(headers));
    let headers = sign_header(&server.signer, method, path, &query, &headers);
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mark = if pairs.is_empty() { "" } else { "?" };
    let url = format!("{}{path}{mark}{}", server.endpoint, pairs.join("&"));
    Asked { kind, method: method.to_owned(), url, headers, body: body.to_owned() }
}

/// A request signed in its URL.
fn by_url(kind: &'static str, signed: &augment_stores_port::SignedRequest) -> Asked {
    let body = if signed.method == "PUT" { std::str::from_utf8(BODY).unwrap() } else { "" };
    let (method, url, headers) = (signed.method.to_owned(), signed.url.clone(), signed.headers.clone());
    Asked { kind, method, url, headers, body: body.to_owned() }
}

/// Objects of two users, and two multipart uploads with one part each.
async fn prepared(server: &Server) -> [String; 2] {
    for name in [MINE, "originals/b/secret.jpg"] {
        server.folder.put(&key(name), "image/jpeg", name.into()).await.unwrap();
    }
    let mut uploads = Vec::new();
    for _ in 0..2 {
        let upload = server.folder.begin_parts(&key(MINE), "image/jpeg").await.unwrap();
        server.folder.put_part(&key(MINE), &upload, 1, "part".into()).await.unwrap();
        uploads.push(upload);
    }
    uploads.try_into().unwrap()
}

/// The whole content of the store.
async fn content(server: &Server, uploads: &[String]) -> String {
    let mut content = String::new();
    for area in Area::ALL {
        let mut keys = server.folder.list(area, "", 100).await.unwrap();
        keys.sort();
        for key in keys {
            content += &format!("{key:?} {:?}\n", server.folder.head(&key).await.unwrap());
        }
    }
    for upload in uploads {
        content += &format!("{:?}\n", server.folder.parts(&key(MINE), upload).await.unwrap());
    }
    content
}

/// One request of each kind; destructive ones come last.
async fn every_kind(server: &Server, [first, second]: &[String; 2]) -> Vec<Asked> {
    let part = UploadRules { content_type: None, ..rules() };
    let mine = format!("/delta-originals/{MINE}");
    let part_one = server.folder.parts(&key(MINE), first).await.unwrap().remove(0);
    let (etag, sha256) = (part_one.etag, part_one.sha256.unwrap());
    let whole = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"{etag}\"</ETag>\
         <ChecksumSHA256>{sha256}</ChecksumSHA256></Part></CompleteMultipartUpload>"
    );
    let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    let ask = |kind, line, query: &[_], body| by_header(server, kind, line, query, &[], body);
    vec![
        by_url("URL to read", &server.signer.get(&key(MINE), 60, Some("a.jpg")).unwrap()),
        by_url("URL to put", &server.signer.put(&key("originals/a/new.jpg"), &rules()).unwrap()),
        by_url("URL to put a part", &server.signer.put_part(&key(MINE), first, 2, &part).unwrap()),
        ask("read", ("GET", &mine), &[], ""),
        ask("look", ("HEAD", &mine), &[], ""),
        by_header(
            server,
            "put",
            ("PUT", "/delta-originals/originals/a/put.jpg"),
            &[],
            &[("content-type", "image/jpeg"), ("x-amz-meta-tags", "mine")],
            "bytes",
        ),
        by_header(
            server,
            "put a part",
            ("PUT", &mine),
            &[("partNumber", "3"), ("uploadId", first)],
            &[("x-amz-checksum-sha256", OF_BYTES)],
            "bytes",
        ),
        ask("begin", ("POST", &mine), &[("uploads", "")], ""),
        ask("list parts", ("GET", &mine), &[("uploadId", first)], ""),
        ask("list", ("GET", "/delta-originals"), &[("list-type", "2")], ""),
        ask("tag", ("PUT", &mine), &[("tagging", "")], tags),
        ask("complete", ("POST", &mine), &[("uploadId", first)], &whole),
        ask("give up", ("DELETE", &mine), &[("uploadId", second)], ""),
        ask("delete", ("DELETE", &mine), &[], ""),
    ]
}

#[tokio::test]
async fn additions_to_a_signed_request_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let server = serve(home.path()).await;
    let uploads = prepared(&server).await;
    let before = content(&server, &uploads).await;
    let asked = every_kind(&server, &uploads).await;
    let refused = |status: u16| status >= 400 && status != 500;
    for asked in &asked {
        for (name, value) in HEADERS {
            let status = asked.with(&server, Some((name, value.as_bytes())), "").await;
            assert!(refused(status), "{} with {name}: {value} got {status}", asked.kind);
        }
        for query in QUERIES {
            let status = asked.with(&server, None, query).await;
            assert!(refused(status), "{} with {query} got {status}", asked.kind);
        }
    }
    assert_eq!(content(&server, &uploads).await, before, "nothing changed");
    for asked in &asked {
        let status = asked.plain(&server).await;
        assert!((200..300).contains(&status), "{} as signed got {status}", asked.kind);
    }
}

#[tokio::test]
async fn copies_need_a_signature_in_the_header() {
    let home = tempfile::tempdir().unwrap();
    let server = serve(home.path()).await;
    let uploads = prepared(&server).await;
    let before = content(&server, &uploads).await;
    let mine = format!("/delta-originals/{MINE}");
    let source = BTreeMap::from([("x-amz-copy-source".to_owned(), SECRET.to_owned())]);
    let part = [("partNumber", "2"), ("uploadId", uploads[0].as_str())];
    let part_query = part.map(|(name, value)| (name.to_owned(), value.to_owned()));
    for query in [BTreeMap::new(), BTreeMap::from(part_query)] {
        // Signed with the real key, including the source.
        let signed = sign_raw(&server.signer, "PUT", &mine, &query, &source, 60);
        let url = format!("{}{mine}?{signed}", server.endpoint);
        assert_eq!(server.send("PUT", &url, &source, b"").await, 403, "a signed URL to copy: {query:?}");
    }
    for method in ["DELETE", "HEAD"] {
        let signed = sign_raw(&server.signer, method, &mine, &BTreeMap::new(), &BTreeMap::new(), 60);
        let url = format!("{}{mine}?{signed}", server.endpoint);
        assert_eq!(server.send(method, &url, &BTreeMap::new(), b"").await, 403, "a signed URL to {method}");
    }
    assert_eq!(content(&server, &uploads).await, before, "nothing changed");
    let headers = [("x-amz-copy-source", SECRET)];
    let copy = by_header(&server, "copy", ("PUT", &mine), &part, &headers, "");
    assert_eq!(copy.plain(&server).await, 200, "signed as a copy in the header");
    assert_eq!(server.folder.parts(&key(MINE), &uploads[0]).await.unwrap().len(), 2, "copied");
}

#[tokio::test]
async fn a_named_but_unsigned_header_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let server = serve(home.path()).await;
    let uploads = prepared(&server).await;
    let mine = format!("/delta-originals/{MINE}");
    let part = [("partNumber", "2"), ("uploadId", uploads[0].as_str())];
    let mut asked = by_header(&server, "part", ("PUT", &mine), &part, &[], "bytes");
    let authorization = asked.headers.get_mut("authorization").unwrap();
    *authorization = authorization.replace("SignedHeaders=host;", "SignedHeaders=host;x-amz-copy-source;");
    // Non-text values are skipped by the verification.
    let status = asked.with(&server, Some(("x-amz-copy-source", b"/delta-originals/\xff")), "").await;
    assert_eq!(status, 403, "a header that cannot be signed");
    let untyped = by_header(&server, "put", ("PUT", "/delta-originals/originals/a/put.jpg"), &[], &[], "bytes");
    assert_eq!(untyped.with(&server, Some(("content-type", b"text/html")), "").await, 403, "an added type");
    assert_eq!(untyped.plain(&server).await, 200, "without one");
    let mut both = by_header(&server, "read", ("GET", &mine), &[], &[], "");
    both.url = server.signer.get(&key(MINE), 60, None).unwrap().url;
    assert!(both.plain(&server).await >= 400, "two signatures");
}
