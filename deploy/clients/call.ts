// A client in TypeScript, with nothing but types generated from the document: node call.js URL KEY
import createClient from "openapi-fetch";
import type { paths } from "./schema";

declare const process: { argv: string[] };

const [url, key] = process.argv.slice(2);
if (!url || !key) throw new Error("node call.js URL KEY");
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });

const me = await client.GET("/v1/me");
if (me.error) throw new Error(me.error.title);

const said = await client.POST("/v1/feedback", {
  body: { text: "Your types compile under strict.", source: "typescript" },
});
if (said.error) throw new Error(`${said.error.code}: ${said.error.detail}`);

const heard = await client.GET("/v1/feedback/{feedback_id}", { params: { path: { feedback_id: said.data.id } } });
if (heard.error) throw new Error(heard.error.title);

console.log(heard.data.text);
