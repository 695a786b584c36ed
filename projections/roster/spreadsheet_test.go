//go:build spreadsheet

package roster_test

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/chart"
	"praxis/domain/text/texttest"
	"praxis/projections/roster"
)

// TestASpreadsheetShowsTheFile opens the file with LibreOffice and looks at what it
// shows. `make test/spreadsheet` runs it; it needs soffice.
func TestASpreadsheetShowsTheFile(t *testing.T) {
	var entries []roster.Entry
	var names []string
	for n, s := range texttest.All() {
		if s.Line == "" {
			names = append(names, s.As())
			entries = append(entries, roster.Entry{Chart: chartN(n), FamilyName: s.As(), Phone: "+4930901820", Branch: main, Primary: ana, Status: chart.Active})
		}
	}
	file := written(t, roster.Sheet{BOM: true, AsOf: "1.1"}, entries...)
	rows := shown(t, file, ',')
	require.Len(t, rows, len(names)+2)
	require.Equal(t, "family name", rows[0][1])
	for n, name := range names {
		// It shows its own words, such as true, in capitals.
		seen := strings.NewReplacer(";'", ";").Replace(strings.TrimPrefix(rows[n+1][1], "'"))
		require.Equal(t, strings.ToLower(name), strings.ToLower(seen))
		require.Equal(t, "+493090 1820", rows[n+1][5], "a phone number keeps its digits and its plus")
	}
	require.Equal(t, "as of 1.1", rows[len(rows)-1][0])
}

// Whatever it is told to split the cells at, it computes nothing.
func TestFoundT7_ASpreadsheetComputesNothing(t *testing.T) {
	const product = 7 * 1009
	var entries []roster.Entry
	for n, before := range []string{"", "x;", "x,", "x|", "x\t", "x; ", `x;"`, `x;""`, "\u200b", "\ufeff", "\u00a0", "x;\u200b", "x;\ufeff"} {
		for m, sign := range []string{"=", "+", "-", "＝"} {
			name := before + sign + "7*1009;y"
			entries = append(entries, roster.Entry{Chart: chartN(10*n + m), FamilyName: name, GivenName: name, Email: name, Phone: "+7+1009", Branch: main, Primary: ana, Status: chart.Active})
		}
	}
	for _, separator := range []rune{',', ';', '\t', '|'} {
		for _, row := range shown(t, written(t, roster.Sheet{}, entries...), separator) {
			for _, cell := range row {
				require.NotContains(t, cell, strconv.Itoa(product), "split at %q: %q", separator, row)
				require.NotEqual(t, "1016", cell)
			}
		}
	}
}

// shown opens a file with LibreOffice, split at a separator, and returns what it shows.
func shown(t *testing.T, file []byte, separator rune) [][]string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "roster.csv"), file, 0o600))
	const commas = "44,34,76,1" // comma, quotes, UTF-8, from the first line
	split := strconv.Itoa(int(separator)) + ",34,76,1"
	out, err := exec.CommandContext(t.Context(), "soffice", "--headless", "--norestore", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"),
		"--infilter=CSV:"+split, "--convert-to", "csv:Text - txt - csv (StarCalc):"+commas, "--outdir", filepath.Join(dir, "shown"), filepath.Join(dir, "roster.csv")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	seen, err := os.Open(filepath.Join(dir, "shown", "roster.csv"))
	require.NoError(t, err)
	defer func() { require.NoError(t, seen.Close()) }()
	r := csv.NewReader(seen)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	require.NoError(t, err)
	return rows
}
