package e2e_test

import (
	"bufio"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryCommandExplainsItself(t *testing.T) {
	i := newInstallation(t)
	seen := map[string]bool{}
	var walk func(args ...string)
	walk = func(args ...string) {
		text := i.succeed(t, append(args, "--help")...)
		require.Contains(t, text, "Usage:", "praxis %s --help", strings.Join(args, " "))
		seen[strings.Join(args, " ")] = true
		for _, name := range subcommands(text) {
			walk(append(args[:len(args):len(args)], name)...)
		}
	}
	walk()
	for _, command := range []string{
		"", "serve", "demo", "token", "node", "migrate", "projections", "projections status", "projections rebuild", "projections rollback", "projections verify",
		"projections resume", "processes status", "processes refusals", "audit history", "audit invariants", "export roster", "config check", "postgres obtain", "version", "completion bash",
	} {
		require.True(t, seen[command], "praxis --help leads to praxis %s", command)
	}
}

// subcommands reads the names that a help text lists.
func subcommands(help string) []string {
	var names []string
	isList := false
	for lines := bufio.NewScanner(strings.NewReader(help)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		switch {
		case strings.HasPrefix(lines.Text(), "Available Commands:"):
			isList = true
		case len(fields) == 0:
			isList = false
		case isList:
			names = append(names, fields[0])
		}
	}
	return names
}

func TestExitCodesOfWhatNeedsNoServer(t *testing.T) {
	i := newInstallation(t)
	trusting := []string{"PRAXIS_OIDC_ISSUER=https://login.example.com"}
	for name, tc := range map[string]struct {
		code int
		env  []string
		args []string
		says string
	}{
		"2: an unknown command":              {2, nil, []string{"frobnicate"}, `no command "frobnicate"`},
		"2: an unknown subcommand":           {2, nil, []string{"projections", "frobnicate"}, "usage"},
		"2: help for an unknown command":     {2, nil, []string{"frobnicate", "--help"}, `no command "frobnicate"`},
		"2: help for one that is misspelt":   {2, nil, []string{"projections", "rebild", "-h"}, `Did you mean "praxis projections rebuild"?`},
		"2: an unknown flag":                 {2, nil, []string{"serve", "--frobnicate"}, "unknown flag"},
		"2: too few arguments":               {2, nil, []string{"audit", "history"}, "accepts 1 arg"},
		"2: a configuration that is wrong":   {2, []string{"PRAXIS_LOG_LEVEL=loud"}, []string{"serve"}, "PRAXIS_LOG_LEVEL"},
		"4: a directory without data":        {4, nil, []string{"audit", "invariants"}, "(no_data)"},
		"4: and none is made by looking":     {4, nil, []string{"projections", "status"}, "(no_data)"},
		"4: a person whom nobody knows":      {4, nil, []string{"token", "nobody"}, "(person_unknown)"},
		"5: a token of a foreign issuer":     {5, trusting, []string{"token", "olivia"}, "(no_development_issuer)"},
		"5: the demo behind a foreign issue": {5, trusting, []string{"demo"}, "(demo_needs_development_issuer)"},
	} {
		t.Run(name, func(t *testing.T) {
			o := i.runWith(t, tc.env, tc.args...)
			require.Equal(t, tc.code, o.code, o.stderr)
			require.Contains(t, o.stderr, tc.says)
			require.True(t, strings.HasPrefix(o.stderr, "praxis: "), o.stderr)
			require.Empty(t, o.stdout)
		})
	}
}

func TestConfigCheckListsEveryProblemAndNoSecret(t *testing.T) {
	i := newInstallation(t)
	const secret = "hunter2"
	o := i.runWith(t, []string{
		"DATABASE_URL=mysql://praxis:" + secret + "@db/praxis", "EVENTSTOREDB_URL=esdb://praxis:" + secret + "@es:2113",
		"PRAXIS_LOG_LEVEL=loud", "PRAXIS_LOG_FORMAT=xml", "PRAXIS_MAX_BODY_BYTES=" + secret,
	}, "config", "check")
	require.Equal(t, 2, o.code)
	for _, name := range []string{"DATABASE_URL", "PRAXIS_LOG_LEVEL", "PRAXIS_LOG_FORMAT", "PRAXIS_MAX_BODY_BYTES"} {
		require.Contains(t, o.stderr, name+" must be ")
	}
	require.NotContains(t, o.stdout+o.stderr, secret)

	o = i.runWith(t, []string{"DATABASE_URL=postgres://praxis:" + secret + "@db/praxis?sslmode=verify-full", "PRAXIS_LISTENS=oops"}, "config", "check")
	require.Equal(t, 0, o.code, o.stderr)
	require.Contains(t, o.stdout, "[redacted]")
	require.Contains(t, o.stdout, "PRAXIS_LISTENS", "a name that praxis does not know is warned of")
	require.NotContains(t, o.stdout+o.stderr, secret)

	secrets := map[string]bool{}
	for _, row := range parse[[]map[string]any](t, i.succeed(t, "config", "check", "--json")) {
		require.NotEmpty(t, row["doc"], "%v says what it is for", row["name"])
		if row["isSecret"] == true {
			secrets[fmt.Sprint(row["name"])] = true
		}
	}
	require.Equal(t, map[string]bool{
		"DATABASE_URL": true, "EVENTSTOREDB_URL": true, "PRAXIS_SMTP_PASSWORD": true,
		"PRAXIS_STRIPE_SECRET_KEY": true, "PRAXIS_STRIPE_WEBHOOK_SECRET": true,
	}, secrets)
}

func TestVersion(t *testing.T) {
	i := newInstallation(t)
	require.Equal(t, buildVersion+"\n", i.succeed(t, "version"))
	require.Equal(t, map[string]string{"version": buildVersion}, parse[map[string]string](t, i.succeed(t, "version", "--json")))
}

func TestCompletionIsAScriptThatBashAccepts(t *testing.T) {
	i := newInstallation(t)
	script := i.succeed(t, "completion", "bash")
	require.Contains(t, script, "praxis")
	cmd := exec.CommandContext(t.Context(), "bash", "-n")
	cmd.Stdin = strings.NewReader(script)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
