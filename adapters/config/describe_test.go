package config_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/config"
)

var update = flag.Bool("update", false, "rewrite the generated part of docs/configuration.md")

func TestSecretsAreNeverShown(t *testing.T) {
	const marker = "SENSITIVE"
	c := load(t, "DATABASE_URL=postgres://u:"+marker+"@db", "EVENTSTOREDB_URL=esdb://u:"+marker+"@es",
		"PRAXIS_SMTP_USERNAME=u", "PRAXIS_SMTP_PASSWORD="+marker,
		"PRAXIS_STRIPE_SECRET_KEY=sk_live_"+marker, "PRAXIS_STRIPE_WEBHOOK_SECRET=whsec_"+marker)
	require.Contains(t, c.DatabaseURL.Reveal(), marker)

	var logged bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&logged, nil))
	logger.Info("start", "config", c, "url", c.DatabaseURL, "pointer", &c.DatabaseURL)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("start", "config", c, "url", c.DatabaseURL)
	marshalled, err := json.Marshal(c)
	require.NoError(t, err)
	shown := []string{logged.String(), string(marshalled), c.DatabaseURL.String(), fmt.Sprint(c.Describe())}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		shown = append(shown, fmt.Sprintf(verb, c), fmt.Sprintf(verb, &c), fmt.Sprintf(verb, c.DatabaseURL), fmt.Sprintf(verb, &c.DatabaseURL))
	}
	for _, text := range shown {
		require.NotContains(t, text, marker)
		require.NotContains(t, text, fmt.Sprintf("%x", marker))
	}
	require.Contains(t, logged.String(), "[redacted]")
	require.Empty(t, config.Secret{}.String(), "what is not set is not said to be hidden")
	require.Equal(t, "postgres://s", load(t, "DATABASE_URL=postgres://s").DatabaseURL.Reveal())
}

func TestDescribeTellsValuesDefaultsAndSecrets(t *testing.T) {
	rows := map[string]config.Described{}
	for _, row := range load(t, "PRAXIS_LOG_LEVEL=warn", "DATABASE_URL=postgres://db").Describe() {
		require.NotEmpty(t, row.Doc, row.Name)
		require.NotEmpty(t, row.Example, row.Name)
		rows[row.Name] = row
	}
	require.Len(t, rows, 30)
	level := rows["PRAXIS_LOG_LEVEL"]
	require.Equal(t, []any{"warn", "info", false, false}, []any{level.Value, level.Default, level.IsDefault, level.IsSecret})
	listen := rows["PRAXIS_LISTEN"]
	require.Equal(t, []any{"127.0.0.1:8080", "127.0.0.1:8080", true, false}, []any{listen.Value, listen.Default, listen.IsDefault, listen.IsSecret})
	database := rows["DATABASE_URL"]
	require.Equal(t, []any{"[redacted]", "", false, true}, []any{database.Value, database.Default, database.IsDefault, database.IsSecret})
	store := rows["EVENTSTOREDB_URL"]
	require.Equal(t, "cards are simulated: no money moves", rows["PRAXIS_STRIPE_SECRET_KEY"].Note)
	require.Empty(t, store.Note)
	require.Equal(t, []any{"", "", true, true}, []any{store.Value, store.Default, store.IsDefault, store.IsSecret})
}

func TestWhetherMoneyMovesIsSaid(t *testing.T) {
	for key, says := range map[string]string{"sk_test_x": "no money moves", "rk_test_x": "no money moves", "sk_live_x": ": money moves", "rk_live_x": ": money moves"} {
		c := load(t, "PRAXIS_STRIPE_SECRET_KEY="+key, "PRAXIS_STRIPE_WEBHOOK_SECRET=whsec_x")
		require.Contains(t, c.CardMode(), says, key)
		require.Empty(t, c.Warnings)
	}
}

func TestDescribedIsCamelCaseInJSON(t *testing.T) {
	row, err := json.Marshal(config.Described{Name: "PRAXIS_LISTEN", Value: "v", Default: "d", IsDefault: true, IsSecret: true, Doc: "what", Example: "e"})
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"PRAXIS_LISTEN","value":"v","default":"d","isDefault":true,"isSecret":true,"doc":"what","example":"e"}`, string(row))
}

func TestEveryExampleIsAccepted(t *testing.T) {
	cert, key := keyPair(t)
	for _, row := range load(t).Describe() {
		t.Run(row.Name, func(t *testing.T) {
			environ := []string{"PRAXIS_OIDC_ISSUER=https://login.example.com", row.Name + "=" + row.Example}
			switch row.Name {
			case "PRAXIS_TLS_CERT", "PRAXIS_TLS_KEY":
				environ = []string{"PRAXIS_TLS_CERT=" + cert, "PRAXIS_TLS_KEY=" + key}
			case "PRAXIS_SMTP_ADDRESS":
				environ = append(environ, "PRAXIS_SMTP_FROM=no-reply@praxis.example.com")
			case "PRAXIS_SMTP_USERNAME":
				environ = append(environ, "PRAXIS_SMTP_PASSWORD=p")
			case "PRAXIS_SMTP_PASSWORD":
				environ = append(environ, "PRAXIS_SMTP_USERNAME=u")
			case "PRAXIS_STRIPE_SECRET_KEY":
				environ = append(environ, "PRAXIS_STRIPE_WEBHOOK_SECRET=whsec_x")
			case "PRAXIS_STRIPE_URL":
				environ = append(environ, "PRAXIS_STRIPE_SECRET_KEY=sk_test_x", "PRAXIS_STRIPE_WEBHOOK_SECRET=whsec_x")
			case "PRAXIS_STRIPE_WEBHOOK_SECRET":
				environ = append(environ, "PRAXIS_STRIPE_SECRET_KEY=rk_live_x")
			}
			load(t, environ...)
		})
	}
}

func TestTheDocumentationIsTheDescription(t *testing.T) {
	const file, begin, end = "../../docs/configuration.md", "<!-- begin generated -->\n", "<!-- end generated -->\n"
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(content), begin)
	require.True(t, found)
	generated, after, found := strings.Cut(rest, end)
	require.True(t, found)

	var table strings.Builder
	table.WriteString("| Variable | Default | What it is for | Example |\n| --- | --- | --- | --- |\n")
	for _, row := range load(t).Describe() {
		name, fallback := "`"+row.Name+"`", ""
		if row.IsSecret {
			name += " or `" + row.Name + "_FILE`"
		}
		if row.Default != "" {
			fallback = "`" + row.Default + "`"
		}
		fmt.Fprintf(&table, "| %s | %s | %s | `%s` |\n", name, fallback, row.Doc, strings.ReplaceAll(row.Example, "|", `\|`))
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(before+begin+table.String()+end+after), 0o644))
		return
	}
	require.Equal(t, table.String(), generated, "run: go test ./adapters/config -run Documentation -update")
}
