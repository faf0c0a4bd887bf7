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

window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  plugins: [jobHeadings],
  deepLinking: true,
  filter: true,
  docExpansion: "none", // hundreds of operations: first the jobs, then what one opens
  defaultModelsExpandDepth: -1, // hundreds of schemas: each is shown where it is sent or answered
  displayRequestDuration: true,
  persistAuthorization: false,
  requestSnippetsEnabled: true,
  validatorUrl: null,
});
