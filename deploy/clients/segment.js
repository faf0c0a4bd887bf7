// What an application does with Segment's own Node library, pointed at the gateway: `node segment.js URL KEY EVENT`.
import { Analytics } from "@segment/analytics-node";

const [url, key, event] = process.argv.slice(2);
const faults = [];
const analytics = new Analytics({ writeKey: key, host: url, flushAt: 3, maxRetries: 0 });
analytics.on("error", (fault) => faults.push(String(fault.reason ?? fault.code)));

const timestamp = new Date("2026-05-01T09:00:00Z");
analytics.identify({ userId: "ada", anonymousId: "browser-1", traits: { email: "ada@example.org" } });
analytics.alias({ userId: "ada", previousId: "browser-2" });
analytics.group({ userId: "ada", groupId: "acme", traits: { name: "Acme" } });
analytics.page({ userId: "ada", name: "Pricing" });
analytics.screen({ userId: "ada", name: "Inbox" });
for (const revenue of [25, 50]) {
    analytics.track({ userId: "ada", event, properties: { revenue, plan: "pro" }, timestamp, messageId: `node-${revenue}` });
}
analytics.track({ userId: "bob", event, properties: { revenue: 50, plan: "pro" }, timestamp, messageId: "node-50" });
analytics.track({ userId: "bob", event, properties: { revenue: 9, plan: "free" }, timestamp });
await analytics.closeAndFlush({ timeout: 10_000 });
console.log(JSON.stringify(faults));
