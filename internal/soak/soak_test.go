package main_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// soak runs the program with a seed that is always the same.
func soak(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append([]string{"run", ".", "-seed", "7"}, args...)...)
	said, err := command.CombinedOutput()
	require.NoError(t, err, string(said))
	return string(said)
}

func TestASoakOfSecondsPrintsItsSeedAndEndsInTruth(t *testing.T) {
	said := soak(t, "-duration", "3s")
	require.Contains(t, said, "seed 7, for 3s")
	require.Contains(t, said, "all of it is true: ")
}
