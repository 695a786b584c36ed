package questions_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/cmd/praxis/bench/questions"
)

const document = `{
  "paths": {
    "/groups/{group}/charts": {
      "parameters": [{"$ref": "#/components/parameters/group"}],
      "get": {
        "operationId": "listCharts",
        "parameters": [
          {"name": "status", "in": "query", "schema": {"type": "string", "enum": ["active", "inactive"]}},
          {"name": "archived", "in": "query", "schema": {"type": "boolean"}},
          {"name": "search", "in": "query", "schema": {"type": "string"}},
          {"name": "cursor", "in": "query", "schema": {"type": "string"}},
          {"name": "Praxis-Min-Position", "in": "header", "schema": {"type": "string"}}
        ],
        "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Charts"}}}}}
      },
      "post": {"operationId": "createChart"}
    },
    "/groups/{group}/history": {
      "parameters": [{"$ref": "#/components/parameters/group"}],
      "get": {
        "operationId": "history",
        "parameters": [{"name": "stream", "in": "query", "required": true, "schema": {"type": "string"}}],
        "responses": {"200": {"content": {"application/json": {"schema": {"properties": {"entries": {"type": "array"}}}}}}}
      }
    },
    "/groups/{group}.csv": {
      "parameters": [{"$ref": "#/components/parameters/group"}],
      "get": {"operationId": "export",
        "parameters": [{"name": "archived", "in": "query", "schema": {"type": "boolean"}}], "responses": {"200": {"content": {"text/csv": {}}}}}
    },
    "/groups/{group}": {
      "get": {"operationId": "getGroup", "responses": {"200": {"content": {"application/json": {"schema": {"properties": {"name": {"type": "string"}}}}}}}}
    }
  },
  "components": {
    "parameters": {"group": {"name": "group", "in": "path", "required": true, "schema": {"type": "string"}}},
    "schemas": {"Charts": {"properties": {"charts": {"$ref": "#/components/schemas/List"}}}, "List": {"type": "array"}}
  }
}`

func TestAll(t *testing.T) {
	values := questions.Values{"group": {"7"}, "listCharts.search": {"mia", "none & all"}, "stream": {"chart-1", "chart-2"}, "history?": {"limit=9"}}
	all, err := questions.All([]byte(document), values)
	require.NoError(t, err)
	var targets []string
	for _, q := range all {
		targets = append(targets, q.Target)
		require.Equal(t, q.Operation == "listCharts", q.IsPaged, q.Target)
		require.Equal(t, q.Operation == "export", q.IsFile, q.Target)
	}
	require.Equal(t, []string{
		"/groups/7.csv",
		"/groups/7/history?limit=9&stream=chart-1",
		"/groups/7/history?limit=9&stream=chart-2",
		"/groups/7/charts",
		"/groups/7/charts?status=active", "/groups/7/charts?status=inactive",
		"/groups/7/charts?archived=true", "/groups/7/charts?archived=false",
		"/groups/7/charts?search=mia", "/groups/7/charts?search=none+%26+all",
	}, targets, "every list with each of its filters, and nothing else")

	t.Run("but for some", func(t *testing.T) {
		left, err := questions.All([]byte(document), values, "listCharts")
		require.NoError(t, err)
		require.Len(t, left, 3)
	})
	t.Run("a parameter that there is no value for is named", func(t *testing.T) {
		_, err := questions.All([]byte(document), questions.Values{"group": {"7"}, "stream": {"chart-1"}})
		require.ErrorContains(t, err, "no value for the parameter search of listCharts")
	})
}
