package httpapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/accesslog"
)

// exported is what is on record of the last export.
func (p *practice) exported() (last accesslog.DataExported) {
	p.t.Helper()
	for _, fact := range p.accessLogFrom(0) {
		if d, is := fact.Event.(accesslog.DataExported); is {
			last = d
		}
	}
	return last
}

// table is a file as rows of cells.
func (a answer) table(t *testing.T) [][]string {
	t.Helper()
	require.Equal(t, http.StatusOK, a.status, "%s", a.body)
	rows, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
	require.NoError(t, err)
	return rows
}

// C-4: what left the practice can be made again, byte by byte, out of the log.
func TestAnExportCanBeMadeAgain(t *testing.T) {
	p := newStack(t).staffed()
	riverside := p.post("olivia", p.path("/branches"), object{"name": "Riverside"}).done().ID
	ada := p.open("carla", "Ada", "Ames", "carla")
	p.open("david", "Bruno", "Baptiste", "david")
	first := p.get("olivia", p.path("/charts.csv?sort=-name&bom=true"))
	record := p.exported()

	p.run(t, "the hash and the position in the record are those of the file", func(t *testing.T) {
		sum := sha256.Sum256(first.body)
		require.Equal(t, hex.EncodeToString(sum[:]), record.SHA256)
		require.Equal(t, "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":", first.header.Get("Repr-Digest"))
		require.Equal(t, fmt.Sprint(len(first.body)), first.header.Get("Content-Length"))
		require.Equal(t, record.AsOf, first.header.Get("Praxis-Position"))
		require.Equal(t, 2, record.Rows)
		require.Contains(t, string(first.body), "as of "+record.AsOf+",")
	})

	p.put("carla", p.path("/charts/", ada, "/demographics"), object{"givenName": "Adele", "familyName": "Zorn"}).done()
	p.send("olivia", http.MethodPatch, p.path("/branches/", p.branch), object{"name": "Old office"}).done()
	p.post("olivia", p.path("/branches/", riverside, "/close"), object{"movedTo": p.branch}).done()
	p.open("carla", "Celia", "Cole", "carla")

	p.run(t, "the same request with that position gives the same bytes, though everything changed since", func(t *testing.T) {
		require.NotEqual(t, string(first.body), string(p.get("olivia", p.path("/charts.csv?sort=-name&bom=true")).body))
		again := p.get("olivia", p.path("/charts.csv?sort=-name&bom=true&asOf=", url.QueryEscape(record.AsOf)))
		require.Equal(t, string(first.body), string(again.body))
		require.Equal(t, record.SHA256, p.exported().SHA256)
		require.Equal(t, record.AsOf, p.exported().AsOf, "the export of the past is on record as well")
	})
	p.run(t, "an instant is a moment, too", func(t *testing.T) {
		rows := p.get("olivia", p.path("/charts.csv?asOf=2026-03-01T00:00:00Z")).table(t)
		require.Len(t, rows, 2)
		require.Equal(t, "as of 2026-03-01T00:00:00Z", rows[1][0])
	})
}

func TestAnExportHasTheColumnsThatAreChosen(t *testing.T) {
	p := newStack(t).staffed()
	p.open("carla", "Ada", "Ames", "carla")

	p.run(t, "C-4 in the order in which they are asked for, and on record", func(t *testing.T) {
		rows := p.get("olivia", p.path("/charts.csv?column=clinician&column=branch&column=familyName")).table(t)
		require.Equal(t, [][]string{{"primary clinician", "branch", "family name"}, {"carla", "Main office", "Ames"}}, rows[:2])
		require.Equal(t, []string{"clinician", "branch", "familyName"}, p.exported().Columns)
	})
	p.run(t, "none that tells more than the exporter may see", func(t *testing.T) {
		p.allow("carla", "roster.export", "group")
		refused := p.get("carla", p.path("/charts.csv?column=familyName&column=team")).refused(http.StatusForbidden, "columns_not_permitted")
		require.Contains(t, refused.Detail, "Leave the column out")
		rows := p.get("carla", p.path("/charts.csv")).table(t)
		require.NotContains(t, rows[0], "team", "without a choice the file has what she may see")
		require.Contains(t, rows[0], "primary clinician")
	})
}

func TestAnExportIsWhatItSays(t *testing.T) {
	p := newStack(t).staffed()
	p.open("carla", "Ada", "Ames", "carla")
	p.open("david", "Bruno", "Baptiste", "david")
	p.allow("carla", "roster.export", "own")

	p.run(t, "C-4 of one's own charts, which the record says", func(t *testing.T) {
		rows := p.get("carla", p.path("/charts.csv?column=familyName")).table(t)
		require.Equal(t, [][]string{{"family name"}, {"Ames"}}, rows[:2])
		require.Len(t, rows, 3)
		require.Equal(t, "reach", p.exported().Filter)
	})
	p.run(t, "not of a clinician or a branch of which one may not see all, whether they exist or not", func(t *testing.T) {
		for _, filter := range []string{"clinician=" + p.members["david"], "branch=" + p.branch, "clinician=" + p.group} {
			p.get("carla", p.path("/charts.csv?"+filter)).refused(http.StatusForbidden, "scope_exceeds_permission")
		}
		p.get("carla", p.path("/charts.csv?clinician="+p.members["carla"])).table(t)
	})
	p.run(t, "no file is left behind", func(t *testing.T) {
		left, err := os.ReadDir(os.TempDir())
		require.NoError(t, err)
		for _, file := range left {
			require.NotContains(t, file.Name(), "praxis-export-")
		}
	})
}

// The first page of the roster says how many charts match.
func TestTheRosterIsCounted(t *testing.T) {
	p := newStack(t).staffed()
	p.open("carla", "Ada", "Ames", "carla")
	celia := p.open("carla", "Celia", "Cole", "carla")
	p.open("david", "Bruno", "Baptiste", "david")
	p.put("olivia", p.path("/charts/", celia, "/status"), object{"status": "inactive"}).done()
	type counted struct {
		Charts, Active, Inactive int
		IsMore                   bool
	}
	var page struct {
		Count      *counted
		NextCursor string
	}
	ask := func(as, query string) *counted {
		page.Count = nil
		p.get(as, p.path("/charts"+query)).into(&page)
		return page.Count
	}
	require.Equal(t, &counted{Charts: 3, Active: 2, Inactive: 1}, ask("olivia", "?limit=1"), "C-1 the owner's roster is everybody's")
	require.Nil(t, ask("olivia", "?limit=1&cursor="+url.QueryEscape(page.NextCursor)), "one count is enough")
	require.Equal(t, &counted{Charts: 2, Active: 1, Inactive: 1}, ask("carla", ""), "of what the reader may see, and no more")
	require.Equal(t, &counted{Charts: 1, Active: 1}, ask("olivia", "?search=bapt"))
	require.Equal(t, &counted{}, ask("olivia", "?archived=true"))
	p.run(t, "sorted by the last change", func(t *testing.T) {
		require.Equal(t, "Cole", p.roster("olivia", "?sort=-changed").families()[0])
	})
}
