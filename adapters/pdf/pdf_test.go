package pdf_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/pdf"
	"praxis/domain/careteam"
	"praxis/domain/civil"
	"praxis/domain/household"
	"praxis/domain/id"
)

var family = id.MustParse[id.Household]("00000000-0000-4000-8000-0000000000a1")

func sample() household.SummaryPrinted {
	return household.SummaryPrinted{
		Revision: 12,
		Shown: household.Summary{
			Group: "River Practice", Household: "Müller-Łukasz family", Day: civil.MustDate("2026-04-10"), Primary: "Dr. Renée O’Hara", Secondary: "Борис Иванов",
			Team:   []household.OnTeam{{Name: "Борис Иванов", Role: careteam.Clinician}, {Name: "Θεοδώρα", Role: careteam.Support, Until: civil.MustDate("2026-08-14")}},
			People: []household.Relative{{Name: "Zoë Müller", Relation: "mother"}, {Name: strings.Repeat("A very long name ", 12), Relation: strings.Repeat("a long relation ", 6)}},
		},
	}
}

func hashOf(t *testing.T, printed household.SummaryPrinted) string {
	t.Helper()
	document, err := pdf.Household(family, printed)
	require.NoError(t, err)
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}

func TestH3_TheSameSummaryIsTheSameBytesForEver(t *testing.T) {
	const known = "9a518445e6e707f0d9458ea833ecd55e1a051a18fd4460a866f16c3dd3bf042f"
	first := hashOf(t, sample())
	for range 20 {
		require.Equal(t, first, hashOf(t, sample()))
	}
	require.Equal(t, known, first,
		"Summaries that were printed before print otherwise now, and their reprints will be refused. If that is meant, say so in the changelog.")
}

func TestASummaryPrintsWhateverPeopleAreCalled(t *testing.T) {
	many := sample()
	for range 120 {
		many.Shown.People = append(many.Shown.People, household.Relative{Name: "Somebody", Relation: "cousin"})
	}
	many.Shown.Withheld = 2
	for name, printed := range map[string]household.SummaryPrinted{
		"nothing": {}, "many pages": many, "rows without text": {Shown: household.Summary{Team: []household.OnTeam{{}}, People: []household.Relative{{}}}},
		"other scripts": {Shown: household.Summary{Household: "山田 👩‍👩‍👧 \x00\u202e\xff", Primary: "ñ\n\tx"}},
	} {
		document, err := pdf.Household(family, printed)
		require.NoError(t, err, name)
		require.True(t, bytes.HasPrefix(document, []byte("%PDF-1.")), name)
		require.True(t, bytes.HasSuffix(bytes.TrimSpace(document), []byte("%%EOF")), name)
	}
	if to := os.Getenv("PRAXIS_SHOW_PDF"); to != "" {
		document, err := pdf.Household(family, many)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(to, document, 0o600))
	}
}
