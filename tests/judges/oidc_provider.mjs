// A provider to sign in by: oidc-provider as it is, with invented accounts and a plain form.
// Arguments: the folder of its packages, its port, our return address. Its keys are new each time.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [packages, port, returnTo] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const { default: Provider } = await import(
  pathToFileURL(`${packages}/oidc-provider/lib/index.js`).href
);

const keys = [
  generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }),
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }),
];
const client = {
  client_id: "tocsin",
  client_secret: "un secret de test, avec ses espaces & ses signes",
  redirect_uris: [returnTo],
  response_types: ["code"],
  grant_types: ["authorization_code"],
  id_token_signed_response_alg: process.env.ALG ?? "ES256",
  token_endpoint_auth_method: process.env.AUTH ?? "client_secret_basic",
  require_auth_time: true,
};
const provider = new Provider(issuer, {
  clients: [client],
  jwks: { keys },
  acrValues: ["eidas1", "eidas2"],
  claims: { openid: ["sub"], email: ["email"], profile: ["name"], acr: null, amr: null },
  clientAuthMethods: [client.token_endpoint_auth_method],
  pkce: { required: () => true },
  cookies: { keys: ["a", "b"] },
  features: {
    devInteractions: { enabled: false },
    claimsParameter: { enabled: true },
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, email: `${id}@example.fr` }),
  }),
  // Its own question « may this site know who you are » is asked of nobody here.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid email profile");
    grant.addOIDCClaims(["acr", "amr", "auth_time"]);
    await grant.save();
    return grant;
  },
});

const FORM = `<!doctype html><html lang="fr"><title>Fournisseur d'essai</title>
<form method="post"><label>Compte <input name="account" autofocus></label>
<label><input type="checkbox" name="mfa" value="1"> avec une clé</label>
<button name="go" value="yes">Continuer</button><button name="go" value="no">Refuser</button></form>`;

async function interact(request, response) {
  await provider.interactionDetails(request, response);
  if (request.method !== "POST") {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(FORM);
    return;
  }
  let body = "";
  for await (const piece of request) body += piece;
  const said = new URLSearchParams(body);
  const login = {
    accountId: said.get("account"),
    acr: said.get("mfa") ? "eidas2" : "eidas1",
    amr: said.get("mfa") ? ["pwd", "hwk", "mfa"] : ["pwd"],
    remember: true,
  };
  const refused = { error: "access_denied", error_description: "refused" };
  const result = said.get("go") === "no" ? refused : { login };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
createServer((request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  interact(request, response).catch((error) => {
    response.statusCode = 500;
    response.end(String(error));
  });
}).listen(Number(port), "localhost");
