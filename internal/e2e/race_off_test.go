//go:build !race

package e2e_test

// isRace reports whether these tests run under the race detector; the binary
// they test is then built with it, too.
const isRace = false
