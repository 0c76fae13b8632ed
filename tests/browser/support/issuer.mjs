// A sign-in service of a test's own: OpenID Connect with PKCE, keys made when it starts, one person who always agrees.

import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer } from "node:http";

export const CLIENT = "page";
export const PERSON = "person@example.org";

/** An issuer that signs with `ES256` or `RS256`; `asked` fills with what came to its token endpoint. */
export async function issuer(algorithm = "ES256") {
  const pair = algorithm === "ES256" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...pair.publicKey.export({ format: "jwk" }), kid: "one", alg: algorithm, use: "sig" };
  const codes = new Map();
  const asked = [];
  const base64 = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  const token = (claims) => {
    const text = `${base64({ alg: algorithm, typ: "JWT", kid: "one" })}.${base64(claims)}`;
    return `${text}.${sign("sha256", Buffer.from(text), { key: pair.privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  };
  const routes = {
    "/.well-known/openid-configuration": (_, reply) =>
      reply({ issuer: origin, authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token`, jwks_uri: `${origin}/keys` }),
    "/keys": (_, reply) => reply({ keys: [key] }),
    "/authorize": (url, reply, response) => {
      const parameters = Object.fromEntries(url.searchParams);
      const { response_type, client_id, redirect_uri, scope, state, code_challenge, code_challenge_method } = parameters;
      const good = response_type === "code" && client_id === CLIENT && scope.includes("openid") && state && code_challenge_method === "S256";
      if (!good || code_challenge.length !== 43) return reply({ error: "invalid_request" }, 400);
      const code = randomBytes(16).toString("hex");
      codes.set(code, parameters);
      response.writeHead(302, { location: `${redirect_uri}?code=${code}&state=${state}` }).end();
    },
    "/token": async (_, reply, response, request) => {
      let body = "";
      for await (const part of request) body += part;
      asked.push({ body, headers: request.headers });
      const { grant_type, code, client_id, redirect_uri, code_verifier } = Object.fromEntries(new URLSearchParams(body));
      const begun = codes.get(code);
      codes.delete(code);
      const challenge = createHash("sha256").update(code_verifier ?? "").digest("base64url");
      const good = grant_type === "authorization_code" && begun && client_id === CLIENT && begun.redirect_uri === redirect_uri;
      if (!good || challenge !== begun.code_challenge) return reply({ error: "invalid_grant" }, 400);
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: origin, sub: "person-1", aud: CLIENT, iat: now, exp: now + 3600 };
      reply({
        token_type: "Bearer",
        expires_in: 3600,
        access_token: token(claims),
        id_token: token({ ...claims, nonce: begun.nonce, email: PERSON }),
      });
    },
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url, origin);
    const reply = (value, status = 200) =>
      response.writeHead(status, { "content-type": "application/json", "access-control-allow-origin": "*" }).end(JSON.stringify(value));
    if (request.method === "OPTIONS") {
      return response.writeHead(204, { "access-control-allow-origin": "*", "access-control-allow-headers": "*" }).end();
    }
    (routes[url.pathname] ?? ((_, reply) => reply({}, 404)))(url, reply, response, request);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    asked,
    environment: { DELTA_OIDC_ISSUER: origin, DELTA_OIDC_AUDIENCE: CLIENT, DELTA_OIDC_CLIENT_ID: CLIENT },
    close: () => server.close(),
  };
}
