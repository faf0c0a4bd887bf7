"use strict";

// Puts the name of a job above the first of its tags: the document says which tags belong to which job.
const jobHeadings = (system) => ({
  wrapComponents: {
    OperationTag: (Original) => (props) => {
      const groups = system.specSelectors.specJson().get("x-tagGroups");
      const job = groups && groups.find((group) => group.get("tags").first() === props.tag);
      const heading = job && system.React.createElement("h2", { className: "job" }, job.get("name"));
      return system.React.createElement(system.React.Fragment, null, heading, system.React.createElement(Original, props));
    },
  },
});

// The names on the way to what a reference such as "#/components/schemas/Feedback" means.
const wayTo = (reference) =>
  reference.slice(2).split("/").map((name) => decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~"));

// The document with one part of it, and what that rests on.
const excerpt = (whole, part) => {
  const kept = { ...whole, paths: {}, components: {} };
  const ways = [part.slice(0, part[0] === "paths" ? 2 : 3)];
  const references = new Set();
  for (const way of ways) {
    let [from, into] = [whole, kept];
    for (const name of way.slice(0, -1)) [from, into] = [from[name], (into[name] ??= {})];
    const name = way.at(-1);
    into[name] = from[name];
    JSON.stringify(from[name], (key, value) => {
      if (key === "$ref" && !references.has(value)) {
        references.add(value);
        ways.push(wayTo(value));
      }
      return value;
    });
  }
  return kept;
};

// Swagger UI reads the whole document anew for each operation that is opened: ten seconds for hundreds of them.
const readWhatIsOpened = ({ fn: { resolveSubtree } }) => ({
  fn: { resolveSubtree: (whole, part, options) => resolveSubtree(excerpt(whole, part), part, options) },
});

window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  plugins: [jobHeadings, readWhatIsOpened],
  deepLinking: true,
  filter: true,
  docExpansion: "none", // hundreds of operations: first the jobs, then what one opens
  defaultModelsExpandDepth: -1, // hundreds of schemas: each is shown where it is sent or answered
  displayRequestDuration: true,
  persistAuthorization: false,
  requestSnippetsEnabled: true,
  validatorUrl: null,
});
