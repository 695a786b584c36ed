package main_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASmallLogIsMeasured(t *testing.T) {
	said := soak(t, "-load", "2000", "-dir", t.TempDir())
	require.Contains(t, said, "2000 events loaded in ")
	require.Contains(t, said, "open, file not in memory")
}
