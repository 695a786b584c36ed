package embedded_test

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/postgres/embedded"
)

func TestServer_Start(t *testing.T) {
	dir := filepath.Join(sharedDir(t), "data")
	first, err := embedded.Start(t.Context(), embedded.Config{DataDir: dir, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)

	t.Run("the server is durable and checks its pages", func(t *testing.T) {
		for setting, want := range map[string]string{
			"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on",
			"server_encoding": "UTF8", "lc_collate": "C", "TimeZone": "UTC",
		} {
			if setting == "lc_collate" {
				require.Equal(t, want, query[string](t, first, "select datcollate from pg_database where datname = current_database()"))
				continue
			}
			require.Equal(t, want, query[string](t, first, "show "+setting), setting)
		}
	})

	t.Run("text of every script has upper and lower case", func(t *testing.T) {
		require.Equal(t, "éłγ", query[string](t, first, "select lower('ÉŁΓ')"))
	})

	t.Run("no network port is open and the socket directory is closed to others", func(t *testing.T) {
		require.Empty(t, query[string](t, first, "show listen_addresses"))
		u, err := url.Parse(first.ConnString())
		require.NoError(t, err)
		socket := u.Query().Get("host")
		require.Equal(t, query[string](t, first, "show unix_socket_directories"), socket)
		info, err := os.Stat(socket)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
		require.Zero(t, query[int](t, first, "select count(*) from pg_hba_file_rules where type <> 'local' and auth_method <> 'reject'"))
	})

	t.Run("a second server on the same data directory is refused and names the owner", func(t *testing.T) {
		_, err := embedded.Start(t.Context(), embedded.Config{DataDir: dir, Logger: slog.New(slog.DiscardHandler)})
		require.ErrorAs(t, err, new(*embedded.InUseError))
		require.ErrorContains(t, err, "in use by another praxis process (pid ")
	})

	t.Run("a failing statement leaves no value in the server's log", func(t *testing.T) {
		execSQL(t, first, "create table person (name text primary key); insert into person values ('Ada Lovelace')")
		insertDuplicate(t, first)
		log, err := os.ReadFile(filepath.Join(dir, "server.log"))
		require.NoError(t, err)
		require.NotEmpty(t, log)
		require.NotContains(t, string(log), "Lovelace")
	})

	t.Run("stopping is orderly, and repeating it does no harm", func(t *testing.T) {
		require.NoError(t, first.Stop(t.Context()))
		require.NoError(t, first.Stop(t.Context()))
		<-first.Done()
		require.NoFileExists(t, filepath.Join(dir, "cluster", "postmaster.pid"))
	})

	t.Run("a restart keeps the rows", func(t *testing.T) {
		second := start(t, embedded.Config{DataDir: dir})
		require.Equal(t, "Ada Lovelace", query[string](t, second, "select name from person"))
	})

	t.Run("a stop whose context has ended still ends the server and keeps the rows", func(t *testing.T) {
		third := start(t, embedded.Config{DataDir: dir})
		execSQL(t, third, "insert into person values ('Grace Hopper')")
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		require.NoError(t, third.Stop(ended))

		fourth := start(t, embedded.Config{DataDir: dir})
		require.Equal(t, 2, query[int](t, fourth, "select count(*)::int from person"))
	})
}

func TestServer_StartRefuses(t *testing.T) {
	silent := slog.New(slog.DiscardHandler)

	t.Run("a cluster of another major version, and leaves it alone", func(t *testing.T) {
		dir := sharedDir(t)
		found, err := embedded.Find()
		require.NoError(t, err)
		s, err := embedded.Start(t.Context(), embedded.Config{DataDir: dir, Logger: silent, Settings: fast()})
		require.NoError(t, err)
		execSQL(t, s, "create table kept as select 7 as n")
		require.NoError(t, s.Stop(t.Context()))

		other := found
		other.Major++
		_, err = embedded.Start(t.Context(), embedded.Config{DataDir: dir, Logger: silent, Binaries: other})
		require.ErrorAs(t, err, new(*embedded.VersionError))
		require.ErrorContains(t, err, "pg_upgrade")

		again := start(t, embedded.Config{DataDir: dir})
		require.Equal(t, 7, query[int](t, again, "select n from kept"))
	})

	t.Run("a cluster whose version is not installed, and names the version", func(t *testing.T) {
		dir := sharedDir(t)
		require.NoError(t, os.Mkdir(filepath.Join(dir, "cluster"), 0o700))
		version := filepath.Join(dir, "cluster", "PG_VERSION")
		require.NoError(t, os.WriteFile(version, []byte("99\n"), 0o600))
		_, err := embedded.Start(t.Context(), embedded.Config{DataDir: dir, Logger: silent})
		require.ErrorAs(t, err, new(*embedded.NotFoundError))
		require.ErrorContains(t, err, "PostgreSQL 99, to which the data directory belongs, is not installed")
		require.FileExists(t, version)
	})

	t.Run("a directory in the cluster's place that is no cluster, and deletes nothing", func(t *testing.T) {
		dir := sharedDir(t)
		precious := filepath.Join(dir, "cluster", "precious")
		require.NoError(t, os.MkdirAll(filepath.Dir(precious), 0o700))
		require.NoError(t, os.WriteFile(precious, []byte("x"), 0o600))
		_, err := embedded.Start(t.Context(), embedded.Config{DataDir: dir, Logger: silent})
		require.ErrorContains(t, err, "praxis does not delete it")
		require.FileExists(t, precious)
	})

	t.Run("an unfinished cluster that a server has used, and deletes nothing", func(t *testing.T) {
		dir := sharedDir(t)
		used := filepath.Join(dir, "cluster.initdb", "postmaster.opts")
		require.NoError(t, os.MkdirAll(filepath.Dir(used), 0o700))
		require.NoError(t, os.WriteFile(used, nil, 0o600))
		_, err := embedded.Start(t.Context(), embedded.Config{DataDir: dir, Logger: silent})
		require.ErrorContains(t, err, "praxis does not delete it")
		require.FileExists(t, used)
	})

	t.Run("settings that would open the server to the network", func(t *testing.T) {
		_, err := embedded.Start(t.Context(), embedded.Config{
			DataDir: sharedDir(t), Logger: silent, Settings: map[string]string{"listen_addresses": "*"},
		})
		require.ErrorContains(t, err, "listen_addresses")
	})

	t.Run("a setting PostgreSQL does not know, with what the server says, and the directory is free again", func(t *testing.T) {
		dir := sharedDir(t)
		_, err := embedded.Start(t.Context(), embedded.Config{
			DataDir: dir, Logger: silent, Settings: map[string]string{"shared_buffer": "1GB", "fsync": "off"},
		})
		require.ErrorContains(t, err, `unrecognized configuration parameter "shared_buffer"`)
		start(t, embedded.Config{DataDir: dir})
	})

	t.Run("a missing data directory setting", func(t *testing.T) {
		_, err := embedded.Start(t.Context(), embedded.Config{Logger: silent})
		require.ErrorContains(t, err, "needs a data directory")
	})

	t.Run("a start whose context has ended", func(t *testing.T) {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := embedded.Start(ended, embedded.Config{DataDir: sharedDir(t), Logger: silent})
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestServer_LongDataDir(t *testing.T) {
	dir := filepath.Join(sharedDir(t), strings.Repeat("long", 30))
	s := start(t, embedded.Config{DataDir: dir})
	socket := query[string](t, s, "show unix_socket_directories")
	require.False(t, strings.HasPrefix(socket, dir), "the path of a socket in the data directory would be too long")
	require.LessOrEqual(t, len(socket)+len("/.s.PGSQL.5432"), 100)
	require.NoError(t, s.Stop(t.Context()))
	require.NoError(t, os.Remove(socket), "only the socket was in it")
}
