// Package idempotency remembers in Postgres which request each Idempotency-Key
// stands for, so that a key used on a second path is refused instead of doing a
// second thing. That a repetition does nothing twice does not depend on it: the log
// knows every command that is in it. It imports pgx, commands, the adapter of
// Postgres and the domain's ids.
package idempotency

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/adapters/postgres"
	"praxis/commands"
	"praxis/domain/id"
)

// Request is the SHA-256 of what a request asks for.
type Request [32]byte

const (
	// kept is how long a key is remembered.
	kept = 30 * 24 * time.Hour
	// patience bounds one statement, so that a database that hangs does not hold
	// commands back, which need none.
	patience = time.Second
)

// Keys are the keys of an installation. They are safe for concurrent use by several
// processes on one database.
type Keys struct{ Pool *pgxpool.Pool }

// Claim says that a key stands for a request from now on, and whether it is the first
// to say so. Faults: "idempotency_key_reused" if the key stands for another request;
// any other error says that the database did not answer.
//
// It does not wait for the disk: what is lost in a crash of Postgres are the keys of
// the last moments, and they are still known to the log.
func (k Keys) Claim(ctx context.Context, command id.Command, request Request, now time.Time) (first bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var known []byte
	err = k.Pool.QueryRow(ctx, `
with expired as (
    delete from praxis.idempotency_key
     where command in (select command from praxis.idempotency_key where used_at < $4 order by used_at limit 5)
)
insert into praxis.idempotency_key as k (command, request, used_at)
select $1, $2, $3 from (select set_config('synchronous_commit', 'off', true)) as quick
on conflict (command) do update set used_at = k.used_at
returning request, xmax = 0`,
		command, request[:], now.UTC(), now.UTC().Add(-kept)).Scan(&known, &first)
	switch {
	case err != nil:
		return false, postgres.Scrubbed("claim an idempotency key", err)
	case Request(known) != request:
		return false, commands.ErrKeyReused
	}
	return first, nil
}

// Release forgets a key whose first request was refused, so that the corrected
// request may carry it.
func (k Keys) Release(ctx context.Context, command id.Command) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_, err := k.Pool.Exec(ctx, `delete from praxis.idempotency_key where command = $1`, command)
	return postgres.Scrubbed("release an idempotency key", err)
}
