package projections

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/big"

	"github.com/jackc/pgx/v5"

	"praxis/domain/es"
)

// A build keeps, for each stretch of the log of about stretchEvents events, how many of its
// events it applied and the sum of their hashes. Sums do not depend on the order, so what
// waited in the quarantine counts like everything else. Whatever is missing or there twice
// shows in them, and which it is where that is one event or two (docs/adr/0034). They are no
// signature: who can write to the tables can write to the sums.
const stretchEvents = 10_000

// hashed is the hash of one event: of what it is and where it is, not of what it says.
type hashed [sha256.Size]byte

func hashOf(rec es.Recorded) hashed {
	var buffer [160]byte
	b := append(buffer[:0], rec.ID[:]...)
	for _, n := range []uint64{rec.Position.Commit, rec.Position.Prepare, uint64(rec.Revision)} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return sha256.Sum256(append(b, rec.Stream...))
}

// number is the hash as a summand.
func (h hashed) number() *big.Int { return new(big.Int).SetBytes(h[:]) }

// addDigest adds events to the stretches that they are in. A full one is followed by a
// new one, after the place $2, $3.
const addDigest = `
insert into praxis.projection_digest as d (projection, after_commit, after_prepare, events, digest)
select p.id, coalesce(s.after_commit, $2), coalesce(s.after_prepare, $3), sum(e.events), sum(e.digest)
  from praxis.projection p
 cross join unnest($5::bigint[], $6::bigint[], $7::bigint[], $8::text[]::numeric[]) as e (commit, prepare, events, digest)
  left join lateral (
       select after_commit, after_prepare, events from praxis.projection_digest
        where projection = p.id and (after_commit, after_prepare) < (e.commit, e.prepare)
        order by after_commit desc, after_prepare desc limit 1) s on s.events < $4
 where p.build = $1
 group by 1, 2, 3
on conflict (projection, after_commit, after_prepare) do update set events = d.events + excluded.events, digest = d.digest + excluded.digest`

// queueDigest has the events of a step added to what the build holds.
func (m move) queueDigest(b *pgx.Batch, build string) {
	if len(m.items) == 0 {
		return
	}
	var commits, prepares, events []int64
	var digests []string
	add := func(first es.Position, n int, sum *big.Int) {
		commits, prepares = append(commits, int64(first.Commit)), append(prepares, int64(first.Prepare))
		events, digests = append(events, int64(n)), append(digests, sum.String())
	}
	after, full := m.from.position, int64(stretchEvents)
	if m.to == m.from.position {
		// They waited: each belongs to a stretch that was passed, full or not.
		after, full = es.Position{}, math.MaxInt64
		for _, it := range m.items {
			add(it.Recorded.Position, 1, hashOf(it.Recorded).number())
		}
	} else {
		sum := new(big.Int)
		for _, it := range m.items {
			sum.Add(sum, hashOf(it.Recorded).number())
		}
		add(m.items[0].Recorded.Position, len(m.items), sum)
	}
	b.Queue(addDigest, build, int64(after.Commit), int64(after.Prepare), full, commits, prepares, events, digests)
}
