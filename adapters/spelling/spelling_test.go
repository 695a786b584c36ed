package spelling_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/spelling"
)

func TestNearest(t *testing.T) {
	known := []string{"familyName", "givenName", "releasePayments", "date", "line1"}
	for name, want := range map[string]string{
		"familyName": "familyName", "familyname": "familyName", "family_name": "familyName", "Family-Name": "familyName",
		"famliyName": "familyName", "givenNam": "givenName", "release_payments": "releasePayments", "line3": "line1",
		"dade": "date", "dxxe": "", "ssn": "", "": "", strings.Repeat("a", 101): "",
	} {
		require.Equal(t, want, spelling.Nearest(name, known), name)
	}
	require.Empty(t, spelling.Nearest("date", nil))
	require.Equal(t, "dater", spelling.Nearest("datex", []string{"dater", "dates"}), "the first of equally near ones")
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"abc", "abc", 0}, {"ab", "ba", 2}} {
		require.Equal(t, c.want, spelling.Distance(c.a, c.b), "%s %s", c.a, c.b)
	}
}
