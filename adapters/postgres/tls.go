package postgres

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// requireTLS refuses a connection string that permits plain text to another
// machine. It judges what the driver made of the string (each host, and each
// fallback of a lenient sslmode), so environment variables such as PGSSLMODE
// and service files count too.
func requireTLS(conn *pgx.ConnConfig) error {
	first := &pgconn.FallbackConfig{Host: conn.Host, TLSConfig: conn.TLSConfig}
	for _, way := range append([]*pgconn.FallbackConfig{first}, conn.Fallbacks...) {
		if way.TLSConfig == nil && !isLocal(way.Host) {
			return fmt.Errorf("the connection to PostgreSQL on %s may be in plain text, and patient data would cross the network readable; "+
				"add sslmode=verify-full (and sslrootcert=<file> for a private authority) to DATABASE_URL", way.Host)
		}
	}
	return nil
}

// isLocal says that the host is a unix socket or this machine's loopback.
func isLocal(host string) bool {
	if host == "" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
