package eventnode

import (
	"log/slog"
	"net"
	"time"

	"praxis/domain/fault"
)

// defaultWriteTimeout is how long an append may wait for its commit before the
// caller is answered that the outcome is unknown.
const defaultWriteTimeout = 5 * time.Second

// Config says where a node keeps its log and who can reach it.
type Config struct {
	// Dir is the data directory; it is created with mode 0700 if missing.
	Dir string
	// Socket is the path of the unix socket. Its directory must be closed to
	// other users and is created with mode 0700 if missing. Empty means a socket
	// in the data directory, or in a private temporary directory if that path is
	// too long for a socket.
	Socket string
	// Listen is the TCP address, host:port, port 0 for a free one. Empty means
	// that only the unix socket is served. An address that is reachable from
	// other machines needs TLS and credentials.
	Listen string
	// TLSCert and TLSKey are paths of PEM files. With them the TCP address is
	// served with TLS; the unix socket never is.
	TLSCert, TLSKey string
	// Username and Password are asked of TCP clients. They need TLS, without
	// which clients do not send any.
	Username, Password string
	// Verify reads the whole log before serving and fails on any damage.
	Verify bool
	// WriteTimeout bounds the wait for a commit. Zero means 5 seconds.
	WriteTimeout time.Duration
	// Clock gives the time events are created at. Nil means time.Now.
	Clock func() time.Time
	// Logger receives the node's life cycle and its faults, never event data.
	// Nil means that nothing is logged.
	Logger *slog.Logger
}

// withDefaults fills in what was left empty.
func (c Config) withDefaults() Config {
	if c.WriteTimeout == 0 {
		c.WriteTimeout = defaultWriteTimeout
	}
	if c.Clock == nil {
		c.Clock = time.Now //nolint:forbidigo // The wiring may leave the clock out.
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// misconfigured is the fault for settings that cannot work: what says what is
// wrong with them.
func misconfigured(what string) error {
	return fault.New(fault.Invalid, "event_node_configuration_invalid", "The event node cannot run with these settings: %s.", what)
}

// validate refuses combinations that would be unsafe or could not work, as
// faults of the kind Invalid.
func (c Config) validate() error {
	switch {
	case c.Dir == "":
		return misconfigured("no data directory given")
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return misconfigured("a TLS certificate and its key are needed together")
	case (c.Username == "") != (c.Password == ""):
		return misconfigured("a user name and a password are needed together")
	case c.Username != "" && c.TLSCert == "":
		return misconfigured("credentials need TLS, because clients do not send them without")
	case c.Listen == "" && c.TLSCert != "":
		return misconfigured("TLS is for the TCP address, but none is given")
	case c.Listen == "":
		return nil
	}
	wide, err := isReachableFromOutside(c.Listen)
	if err != nil {
		return err
	}
	if wide && (c.TLSCert == "" || c.Username == "") {
		return misconfigured("the address is reachable from other machines; give it TLS and credentials, or listen on 127.0.0.1")
	}
	return nil
}

// isReachableFromOutside says whether an address is wider than loopback. A name
// other than localhost counts as wide, whatever it resolves to today.
func isReachableFromOutside(address string) (bool, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false, misconfigured("the listen address is not of the form host:port")
	}
	if host == "localhost" {
		return false, nil
	}
	ip := net.ParseIP(host)
	return ip == nil || !ip.IsLoopback(), nil
}
