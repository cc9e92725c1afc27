"use strict";

const defaultQuery = `# 1. Put your API key in place of KEY below.
# 2. Ctrl-Shift-R loads the schema.
# 3. Ctrl-Enter runs the query.

{
  plans {
    tier
    name
  }
}
`;

// GraphiQL writes headers, the key with them, into its history and favourites, whatever shouldPersistHeaders says.
// Those two live as long as the page; the rest is kept for the next visit.
const passing = new Map();
const kept = window.localStorage;
const passes = (name) => name === "graphiql:queries" || name === "graphiql:favorites";
const storage = {
  getItem: (name) => (passes(name) ? (passing.get(name) ?? null) : kept.getItem(name)),
  setItem: (name, value) => (passes(name) ? passing.set(name, value) : kept.setItem(name, value)),
  removeItem: (name) => (passes(name) ? passing.delete(name) : kept.removeItem(name)),
  clear: () => (passing.clear(), kept.clear()),
  get length() {
    return kept.length + passing.size;
  },
};

async function send(parameters, options) {
  const response = await fetch(window.location.pathname, {
    method: "POST",
    credentials: "omit",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json",
      ...options?.headers,
    },
    body: JSON.stringify(parameters),
  });
  return response.json();
}

ReactDOM.render(
  React.createElement(GraphiQL, {
    fetcher: send,
    defaultQuery,
    defaultHeaders: JSON.stringify({ Authorization: "Bearer KEY" }, null, 2),
    defaultEditorToolsVisibility: "headers",
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
    storage,
  }),
  document.getElementById("graphiql"),
);
