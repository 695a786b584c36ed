package es_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/es"
)

type unnamedPersonal struct {
	Secret string `personal:"true"`
}

type inner struct {
	Secret string `json:"secret" personal:"true"`
}

type nestedPersonal struct {
	Inner []inner `json:"inner"`
}

func TestPersonalTagsThatCannotBeHonoured(t *testing.T) {
	t.Run("a field without a name in JSON stops the program", func(t *testing.T) {
		_, err := es.NewRegistry(es.Plain{}, []es.Row{es.Define[unnamedPersonal]("test.unnamed", 1)})
		require.ErrorContains(t, err, "field Secret is tagged personal but has no name in JSON")
	})
	t.Run("a field inside another struct stops the program", func(t *testing.T) {
		_, err := es.NewRegistry(es.Plain{}, []es.Row{es.Define[nestedPersonal]("test.nested", 1)})
		require.ErrorContains(t, err, "field Inner.Secret is tagged personal")
	})
}

type unreadable struct {
	N int `json:"n"`
}

func (unreadable) MarshalText() ([]byte, error) { return []byte("n"), nil }

type withUnreadable struct {
	Value unreadable `json:"value"`
}

func TestEventsThatCouldNotBeReadBackAreNotWritten(t *testing.T) {
	registry, err := es.NewRegistry(es.Plain{}, []es.Row{es.Define[withUnreadable]("test.unreadable", 1)})
	require.NoError(t, err)
	_, _, _, err = registry.Encode(withUnreadable{}, es.Subject{}, es.Metadata{})
	require.ErrorContains(t, err, "could not be read back")
}
