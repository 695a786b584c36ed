package embedded

import (
	"bytes"
	"context"
	"os"
	"strconv"
)

// isPostgres says whether pid is a live PostgreSQL process. A zombie is dead.
func isPostgres(_ context.Context, pid int) bool {
	// The line is: pid (program) state …
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, rest, found := bytes.Cut(stat, []byte("(postgres) "))
	return found && len(rest) > 0 && rest[0] != 'Z' && rest[0] != 'X'
}
