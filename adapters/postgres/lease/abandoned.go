package lease

import "context"

// endAbandoned ends the sessions of this account that hold up others while the rest of
// what their client began to send does not come: the client froze in the middle of a
// batch. No timeout of PostgreSQL before version 17 sees them, because they are neither
// idle nor in a statement, and a new leader would wait for their locks for ever. COPY is
// left out: it is one statement however long its client takes, and has statement_timeout.
func (s *session) endAbandoned(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, `
		select pg_terminate_backend(b.pid)
		from pg_stat_activity waiting cross join lateral unnest(pg_blocking_pids(waiting.pid)) blocker
		join pg_stat_activity b on b.pid = blocker
		where waiting.datname = current_database() and waiting.wait_event_type = 'Lock'
		and b.usename = current_user and b.state = 'active' and b.wait_event = 'ClientRead'
		and b.query_start < clock_timestamp() - $1 * interval '1 millisecond' and b.query !~* '^\s*copy\y'`,
		s.leases.Lapse.Milliseconds())
	return classified("end sessions that were abandoned", err)
}
