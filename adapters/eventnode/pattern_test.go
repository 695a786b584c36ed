package eventnode_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/eventnode"
)

func TestFoundN1_NegativeLookAheadAtTheBeginningIsANegatedMatch(t *testing.T) {
	// These are the filters that the clients esdbclient and kurrentdbclient of
	// Python send when they are asked for nothing else.
	const (
		esdbDefault   = `^(?!(\$.+$|PersistentConfig\d+$))`
		kurrentDBType = `^(?!(\$.+$|PersistentConfig\d+$|Result$))`
	)
	for _, c := range []struct {
		expression, subject string
		want                bool
	}{
		{esdbDefault, "chart.opened", true},
		{esdbDefault, "$metadata", false},
		{esdbDefault, "$", true},
		{esdbDefault, "a$metadata", true},
		{esdbDefault, "PersistentConfig1", false},
		{esdbDefault, "PersistentConfig", true},
		{esdbDefault, "PersistentConfig1a", true},
		{kurrentDBType, "Result", false},
		{kurrentDBType, "ResultOfTest", true},
		{`^(?!a|b).*`, "abc", false},
		{`^(?!a|b).*`, "cab", true},
		{`^(?!a)(?!b)[^c]+$`, "d", true},
		{`^(?!a)(?!b)[^c]+$`, "bd", false},
		{`^(?!a)(?!b)[^c]+$`, "cd", false},
		{`^(?![)|(]|\)x)chart`, "chart", true},
		{`^(?![)|(]|\)x)chart`, ")chart", false},
		{`^(?!a)(x|y)`, "y", true},
		{`^(?!.+z)a`, "abz", false},
		{`^(?!.+z)a`, "ba", false},
	} {
		matches, err := eventnode.MatchPattern(c.expression, c.subject)
		require.NoError(t, err, c.expression)
		require.Equal(t, c.want, matches, "%s on %s", c.expression, c.subject)
	}
	for expression, reason := range map[string]string{
		`(?!a).+`:     "only negative look-ahead at the beginning",
		`^a(?!b)`:     "only negative look-ahead at the beginning",
		`^(?=a).+`:    "only negative look-ahead at the beginning",
		`(?<=a)b`:     "only negative look-ahead at the beginning",
		`^(?!(?!a)b)`: "only negative look-ahead at the beginning",
		`^(?!a`:       "only negative look-ahead at the beginning",
		`^(?!a)b|c`:   "put the alternatives into a group",
		`(a)\1`:       "not one of RE2",
	} {
		_, err := eventnode.MatchPattern(expression, "x")
		require.ErrorContains(t, err, reason, expression)
	}
}
