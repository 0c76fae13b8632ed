//! A signed URL allows exactly what was signed; everything else must fail.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use augment_stores_port::{Area, ObjectStore, PartInfo, Signer, StoreError, UploadRules};
use sha2::{Digest, Sha256};

use crate::support::{BODY, ORIGIN, Server, key, rules, serve};

#[tokio::test]
async fn signed_requests_work() {
    let home = tempfile::tempdir().unwrap();
    let server = serve(home.path()).await;
    let key = key("originals/a1/été & co+%2F.jpg");
    let put = server.signer.put(&key, &rules()).unwrap();
    assert_eq!(server.send_as(&put, BODY).await, 200, "the upload");
    let info = server.folder.head(&key).await.unwrap();
    assert_eq!((info.size, info.sha256), (BODY.len() as u64, Some(Sha256::digest(BODY).into())), "what was stored");
    let get = server.signer.get(&key, 60, Some("été.jpg")).unwrap();
    let answer = server.client.get(&get.url).send().await.unwrap();
    assert_eq!(answer.status(), 200, "the download");
    let disposition = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(disposition, "attachment; filename*=UTF-8''%C3%A9t%C3%A9.jpg", "under its name");
    assert_eq!(answer.bytes().await.unwrap(), BODY, "the same bytes");
    let piece = server.client.get(&get.url).header("range", "bytes=6-8").send().await.unwrap();
    assert_eq!((piece.status().as_u16(), piece.bytes().await.unwrap()), (206, "are".into()), "a range of them");
}

#[tokio::test]
async fn changed_requests_fail_and_store_nothing() {
    let home = tempfile::tempdir().unwrap();
    let server = serve(home.path()).await;
    let key_a = key("originals/a1/a.jpg");
    let put = server.signer.put(&key_a, &rules()).unwrap();

    let last = put.url.chars().last().unwrap();
    let tampered = format!("{}{}", &put.url[..put.url.len() - 1], if last == '0' { '1' } else { '0' });
    assert_eq!(server.send("PUT", &tampered, &put.headers, BODY).await, 403, "a tampered signature");
    let unsigned = put.url.split('?').next().unwrap();
    assert_eq!(server.send("PUT", unsigned, &put.headers, BODY).await, 403, "no signature");
    let other_key = put.url.replace("a.jpg", "b.jpg");
    assert_eq!(server.send("PUT", &other_key, &put.headers, BODY).await, 403, "another key");
    let other_bucket = put.url.replace("delta-originals", "delta-results");
    assert_eq!(server.send("PUT", &other_bucket, &put.headers, BODY).await, 403, "another bucket");
    let longer = put.url.replace("X-Amz-Expires=60", "X-Amz-Expires=6000");
    assert_eq!(server.send("PUT", &longer, &put.headers, BODY).await, 403, "a longer lifetime");
    for method in ["GET", "DELETE", "HEAD", "POST"] {
        let status = server.send(method, &put.url, &put.headers, b"").await;
        assert!((400..500).contains(&status), "another method, {method}: {status}");
    }
    assert_eq!(server.send_as(&put, b"these are the bytes!").await, 403, "more bytes than signed");
    assert_eq!(server.send_as(&put, b"these are").await, 403, "fewer bytes than signed");
    assert_eq!(server.send_as(&put, b"those are the bytes").await, 400, "other bytes of the same length");
    for (name, value) in
        [("content-type", "text/html"), ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    {
        let mut headers = put.headers.clone();
        headers.insert(name.to_owned(), value.to_owned());
        assert_eq!(server.send("PUT", &put.url, &headers, BODY).await, 403, "another {name}");
        headers.remove(name);
        assert_eq!(server.send("PUT", &put.url, &headers, BODY).await, 403, "no {name}");
    }
    let get = server.signer.get(&key_a, 60, None).unwrap();
    assert_eq!(server.send("PUT", &get.url, &put.headers, BODY).await, 403, "a read URL used to write");
    assert_eq!(server.send("GET", &get.url, &BTreeMap::new(), b"").await, 404, "no object to read");

    server.behind.store(120_000, Ordering::Relaxed);
    let late = server.signer.put(&key_a, &rules()).unwrap();
    assert_eq!(server.send_as(&late, BODY).await, 403, "an expired URL");
    assert!(server.is_empty().await, "nothing was stored");
}

#[tokio::test]
async fn no_signed_key_leaves_its_bucket() {
    let home = tempfile::tempdir().unwrap();
    let server = serve(home.path()).await;
    // This signer signs anything; the server must not trust it.
    let put = server.signer.put(&key("x/y/z.jpg"), &rules()).unwrap();
    let path = "/delta-originals/x/y/z.jpg";
    assert!(put.url.contains(path), "{}", put.url);
    for evil in [
        "/delta-originals/../delta-results/z.jpg",
        "/delta-originals/%2e%2e/delta-results/z.jpg",
        "/delta-originals/x/%2E%2E/%2E%2E/%2E%2E/z.jpg",
        "/delta-originals/x%2F..%2F..%2Fz.jpg",
        "/delta-originals/..%5Cz.jpg",
    ] {
        let status = raw_put(&server, evil).await;
        assert!((400..500).contains(&status), "{evil}: {status}");
    }
    assert!(server.is_empty().await, "nothing was stored");
    assert!(server.folder.list(Area::Results, "", 10).await.unwrap().is_empty(), "not in the results either");
    let mut outside: Vec<_> = std::fs::read_dir(home.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    outside.sort();
    assert_eq!(outside, ["incoming", "originals", "parts", "results"], "the folder is unchanged");
    // Only the keys were refused: a valid path signed the same way works.
    let good = "/delta-originals/x/good.jpg";
    assert_eq!(raw_put(&server, good).await, 200, "a good key");
}

/// A correctly signed `PUT` of a raw path, sent over a socket because clients would normalize the path.
async fn raw_put(server: &Server, path: &str) -> u16 {
    use augment_stores_port::sigv4::testing;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let headers = server.signer.put(&key("k"), &rules()).unwrap().headers;
    let query = testing::sign_raw(&server.signer, "PUT", path, &BTreeMap::new(), &headers, 60);
    let host = server.endpoint.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let mut request = format!("PUT {path}?{query} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in &headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += "\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(BODY).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn a_connection_that_breaks_stores_nothing() {
    use tokio::io::AsyncWriteExt;
    let home = tempfile::tempdir().unwrap();
    let server = serve(home.path()).await;
    let put = server.signer.put(&key("a"), &rules()).unwrap();
    let (host, rest) = put.url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut request = format!("PUT /{rest} HTTP/1.1\r\nhost: {host}\r\n");
    for (name, value) in &put.headers {
        request += &format!("{name}: {value}\r\n");
    }
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    stream.write_all(format!("{request}\r\nhalf").as_bytes()).await.unwrap();
    drop(stream);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(server.is_empty().await, "no partial object");
    assert_eq!(std::fs::read_dir(home.path().join("incoming")).unwrap().count(), 0, "no file is left");
}

#[tokio::test]
async fn parts_are_as_restricted_as_whole_objects() {
    let home = tempfile::tempdir().unwrap();
    let server = serve(home.path()).await;
    let key = key("originals/a/large.tif");
    let upload = server.folder.begin_parts(&key, "image/tiff").await.unwrap();
    let part = UploadRules { content_type: None, ..rules() };
    let first = server.signer.put_part(&key, &upload, 1, &part).unwrap();
    assert_eq!(server.send_as(&first, BODY).await, 200, "a part");
    assert_eq!(server.send_as(&first, b"those are the bytes").await, 400, "other bytes");
    let second = first.url.replace("partNumber=1", "partNumber=2");
    assert_eq!(server.send("PUT", &second, &first.headers, BODY).await, 403, "another number");
    let unknown = server.signer.put_part(&key, "00ff", 1, &part).unwrap();
    assert_eq!(server.send_as(&unknown, BODY).await, 404, "an unknown upload");
    let last = server.signer.put_part(&key, &upload, 2, &part).unwrap();
    assert_eq!(server.send_as(&last, BODY).await, 200, "another part");
    let parts = server.folder.parts(&key, &upload).await.unwrap();
    assert_eq!(parts.iter().map(|part| part.number).collect::<Vec<_>>(), [1, 2], "both are listed");
    let wrong = [PartInfo { etag: "0".to_owned(), ..parts[0].clone() }];
    let joined = server.folder.join_parts(&key, &upload, &wrong).await;
    assert!(matches!(joined, Err(StoreError::Precondition)), "a part of other content");
    server.folder.join_parts(&key, &upload, &parts).await.unwrap();
    let whole = server.folder.read(&key, 0, 100).await.unwrap();
    assert_eq!(whole, [BODY, BODY].concat(), "the parts in order");
    assert!(server.folder.parts(&key, &upload).await.is_err(), "the upload is gone");
}

#[tokio::test]
async fn only_the_pages_origin_passes_cors() {
    let home = tempfile::tempdir().unwrap();
    let server = serve(home.path()).await;
    let preflight = |origin: &'static str| {
        server
            .client
            .request(reqwest::Method::OPTIONS, format!("{}/delta-originals/a", server.endpoint))
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
            .header(
                "access-control-request-headers",
                "content-type,x-amz-checksum-sha256,x-amz-meta-announced,x-amz-tagging",
            )
            .send()
    };
    let ours = preflight(ORIGIN).await.unwrap();
    assert_eq!(ours.headers()["access-control-allow-origin"], ORIGIN, "the page's origin");
    let allowed = ours.headers()["access-control-allow-headers"].to_str().unwrap();
    for signed in ["content-type", "x-amz-checksum-sha256", "x-amz-meta-announced", "x-amz-tagging"] {
        assert!(allowed.contains(signed), "with the signed headers: {allowed}");
    }
    let theirs = preflight("http://evil.example").await.unwrap();
    assert!(theirs.headers().get("access-control-allow-origin").is_none(), "no other origin");
}

#[tokio::test]
async fn a_form_is_refused_before_its_body_is_read() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let home = tempfile::tempdir().unwrap();
    let server = serve(home.path()).await;
    let host = server.endpoint.strip_prefix("http://").unwrap();
    for media_type in
        ["multipart/form-data; boundary=x", "Multipart/Form-Data; boundary=x", " multipart/form-data;boundary=x"]
    {
        let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
        let head = format!("POST /delta-originals HTTP/1.1\r\nhost: {host}\r\ncontent-type:{media_type}\r\n");
        // The body never comes.
        stream.write_all(format!("{head}content-length: 40000000\r\n\r\n--x").as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        let answered = stream.read_exact(&mut answer);
        tokio::time::timeout(std::time::Duration::from_secs(5), answered).await.expect("an answer at once").unwrap();
        assert_eq!(&answer, b"HTTP/1.1 415", "{media_type}");
    }
    assert!(server.is_empty().await, "nothing was stored");
}

#[tokio::test]
async fn parts_come_with_the_checksum_that_their_upload_began_with() {
    use augment_stores_port::sigv4::testing::sign_header;
    let home = tempfile::tempdir().unwrap();
    let server = serve(home.path()).await;
    let path = "/delta-originals/originals/a/large.tif";
    let key = key("originals/a/large.tif");
    let send = async |method: &str, query: &[(&str, &str)], headers: &[(&str, &str)], body: &'static [u8]| {
        let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let (query, headers): (BTreeMap<String, String>, BTreeMap<String, String>) = (owned(query), owned(headers));
        let signed = sign_header(&server.signer, method, path, &query, &headers);
        let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request =
            server.client.request(method.parse().unwrap(), format!("{}{path}?{}", server.endpoint, pairs.join("&")));
        for (name, value) in signed.iter().filter(|(name, _)| *name != "host") {
            request = request.header(name, value);
        }
        let answer = request.body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let checksum = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(Sha256::digest(BODY))
    };
    let with = [("x-amz-checksum-sha256", checksum.as_str())];
    for (begun, headers, wrong) in
        [(&[][..], &[][..], &with[..]), (&[("x-amz-checksum-algorithm", "SHA256")], &with, &[])]
    {
        let (status, text) = send("POST", &[("uploads", "")], begun, b"").await;
        assert_eq!(status, 200, "{text}");
        let upload = text.split("<UploadId>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let part = [("partNumber", "1"), ("uploadId", upload.as_str())];
        assert_eq!(send("PUT", &part, wrong, BODY).await.0, 400, "another checksum than {begun:?}");
        assert_eq!(send("PUT", &part, headers, BODY).await.0, 200, "the same as {begun:?}");
    }
    let upload = server.folder.begin_parts(&key, "image/tiff").await.unwrap();
    let part = [("partNumber", "1"), ("uploadId", upload.as_str())];
    assert_eq!(send("PUT", &part, &with, BODY).await.0, 200, "a part of the API's upload");
    let etag = hex::encode(Sha256::digest(BODY));
    let join = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"{etag}\"</ETag></Part></CompleteMultipartUpload>"
    );
    let join: &'static [u8] = join.into_bytes().leak();
    assert_eq!(send("POST", &[("uploadId", &upload)], &[], join).await.0, 400, "joined without checksums");
}
