package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnUnknownCommandIsSaidAlsoWhereHelpIsAskedFor(t *testing.T) {
	for _, tt := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--help"}, 0, "Usage:\n  praxis [flags]"},
		{[]string{"projections", "-h"}, 0, "Usage:\n  praxis projections"},
		{[]string{"projections", "rebuild", "roster", "--help"}, 0, "Usage:\n  praxis projections rebuild NAME"},
		{[]string{"completion", "bash", "--help"}, 0, "bash"},
		{[]string{"help", "--help"}, 0, "Usage:\n  praxis help"},
		{[]string{"bogus", "--help"}, 2, `unknown command: there is no command "bogus". See praxis --help`},
		{[]string{"--json", "bogus", "-h"}, 2, `there is no command "bogus".`},
		{[]string{"projection", "--help"}, 2, `Did you mean "praxis projections"?`},
		{[]string{"projections", "rebild"}, 2, `Did you mean "praxis projections rebuild"?`},
		{[]string{"why"}, 2, "These tables are there: roster.chart, "},
		{[]string{"projections", "rebuild", "roster", "--max-rate", "-1"}, 2, "--max-rate is a number of events per second"},
		{[]string{"projections", "--help", "rebild"}, 2, `Did you mean "praxis projections rebuild"?`},
	} {
		var out bytes.Buffer
		require.Equal(t, tt.code, run(t.Context(), tt.args, nil, &out, &out), "%v: %s", tt.args, out.String())
		require.Contains(t, out.String(), tt.says)
	}
}

func TestATokenIsNotSignedWithAKeyThatNoServerHas(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	var out, said bytes.Buffer
	require.Equal(t, 4, run(t.Context(), []string{"token", "olivia"}, []string{"PRAXIS_DATA_DIR=" + dir}, &out, &said), said.String())
	require.Contains(t, said.String(), "(no_data)")
	require.Empty(t, out.String())
	require.NoDirExists(t, dir)
}
