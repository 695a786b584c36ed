package eventstore_test

import (
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/stretchr/testify/require"

	"praxis/internal/stores"
)

// TestFoundR13_TheRightToReadAllEventsIsGiven: what the server keeps as the metadata
// of $all gains one reader and loses nothing.
func TestFoundR13_TheRightToReadAllEventsIsGiven(t *testing.T) {
	stores.Likenesses(t, func(t *testing.T, k stores.Kind) {
		store := k.Open(t)
		last := func() string {
			data := ""
			for e, err := range store.ReadStream(t.Context(), "$$$all", 0) {
				require.NoError(t, err)
				require.Equal(t, "$metadata", e.Type)
				data = string(e.Data)
			}
			return data
		}
		address, _, _ := strings.Cut(strings.TrimPrefix(k.Like.URL(), "esdb://"), "?")
		tools := bare(t, address)
		operator := func(metadata string) {
			event := esdb.EventData{EventType: "$metadata", ContentType: esdb.ContentTypeJson, Data: []byte(metadata)}
			_, err := tools.AppendToStream(t.Context(), "$$$all", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, event)
			require.NoError(t, err)
		}
		already, err := store.GrantRead(t.Context(), "praxis")
		require.NoError(t, err)
		require.False(t, already)
		require.JSONEq(t, `{"$acl":{"$r":["$admins","praxis"]}}`, last())

		already, err = store.GrantRead(t.Context(), "praxis")
		require.NoError(t, err)
		require.True(t, already)

		for given, want := range map[string]string{
			`{"owner":"ops","$acl":{"$r":"auditors","$w":"$admins"}}`: `{"owner":"ops","$acl":{"$r":["auditors","praxis"],"$w":"$admins"}}`,
			`{"$acl":{"$r":["$admins","auditors"]}}`:                  `{"$acl":{"$r":["$admins","auditors","praxis"]}}`,
		} {
			operator(given)
			_, err := store.GrantRead(t.Context(), "praxis")
			require.NoError(t, err)
			require.JSONEq(t, want, last())
		}
		for _, strange := range []string{`{"$acl":7}`, `{"$acl":{"$r":{}}}`, `{"$acl":{"$r":[1]}}`, `[1]`} {
			operator(strange)
			_, err := store.GrantRead(t.Context(), "praxis")
			require.ErrorContains(t, err, "event_store_metadata_unreadable", strange)
			require.Equal(t, strange, last())
		}
	})
}
