//go:build spreadsheet

package roster_test

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	file, err := roster.Sheet{BOM: true, AsOf: time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC), Position: "1.1"}.CSV(entries)
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "roster.csv"), file, 0o600))
	const utf8 = "44,34,76,1" // comma, quotes, UTF-8, from the first line
	out, err := exec.CommandContext(t.Context(), "soffice", "--headless", "--norestore", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"),
		"--infilter=CSV:"+utf8, "--convert-to", "csv:Text - txt - csv (StarCalc):"+utf8, "--outdir", filepath.Join(dir, "shown"), filepath.Join(dir, "roster.csv")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	shown, err := os.Open(filepath.Join(dir, "shown", "roster.csv"))
	require.NoError(t, err)
	defer func() { require.NoError(t, shown.Close()) }()
	rows, err := csv.NewReader(shown).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, len(names)+2)
	require.Equal(t, "family name", rows[0][1])
	for n, name := range names {
		// It shows its own words, such as true, in capitals.
		require.Equal(t, strings.ToLower(name), strings.ToLower(strings.TrimPrefix(rows[n+1][1], "'")))
		require.Equal(t, "+493090 1820", rows[n+1][5], "a phone number keeps its digits and its plus")
	}
	require.Equal(t, "as of 2026-03-02T14:00:00Z, position 1.1", rows[len(rows)-1][0])
}
