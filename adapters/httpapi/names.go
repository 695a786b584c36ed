package httpapi

import (
	"strings"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
	"praxis/projections/directory"
	"praxis/projections/licences"
	"praxis/projections/roster"
)

// names are what people are called, beside the ids of one answer. They are looked
// up when they are asked for and stand in no event: a member's is what their
// sign-in said, a patient's what the chart says. A reader gets those of the members
// and the charts that they may see in the directory and on the roster, and no
// other; what is missing is left out of the answer.
type names struct {
	members  map[id.Member]string
	patients map[id.Chart]string
}

// wanted collects ids and then looks their names up, all at once.
type wanted struct {
	members []id.Member
	charts  []id.Chart
}

func (n *wanted) member(m *id.Member) {
	if m != nil && !m.IsZero() {
		n.members = append(n.members, *m)
	}
}

// actor collects who acted, if it was a member: "member:<id>".
func (n *wanted) actor(actor string) {
	if m, ok := actingMember(actor); ok {
		n.members = append(n.members, m)
	}
}

func actingMember(actor string) (id.Member, bool) {
	raw, is := strings.CutPrefix(actor, "member:")
	m, err := id.Parse[id.Member](raw)
	return m, is && err == nil
}

// namesFor looks up what a reader may know.
func (a *api) namesFor(x *exchange, reader access.Subject, n wanted) (names, error) {
	found := names{members: map[id.Member]string{}, patients: map[id.Chart]string{}}
	now := a.Clock()
	if len(n.charts) > 0 {
		var err error
		if found.patients, err = roster.Names(x.ctx(), a.Pool, access.ReachOf(reader, access.RosterView, now), n.charts); err != nil {
			return found, err
		}
	}
	if len(n.members) == 0 || a.Contacts == nil {
		return found, nil
	}
	accounts, err := directory.Accounts(x.ctx(), a.Pool, access.ReachOf(reader, access.MemberView, now), n.members)
	if err != nil {
		return found, err
	}
	list := make([]id.Account, 0, len(accounts))
	for _, account := range accounts {
		list = append(list, account)
	}
	known, err := a.Contacts.Of(x.ctx(), list...)
	if err != nil {
		return found, err
	}
	for member, account := range accounts {
		found.members[member] = known[account].Name
	}
	return found, nil
}

// shown shows things with names beside their ids: ids says which ids a thing has, and
// view shows one.
func shown[T, V any](x *exchange, reader access.Subject, things []T, ids func(*wanted, T), view func(T, names) V) ([]V, error) {
	var n wanted
	for _, thing := range things {
		ids(&n, thing)
	}
	found, err := x.api.namesFor(x, reader, n)
	if err != nil {
		return nil, err
	}
	return viewsOf(things, func(t T) V { return view(t, found) }), nil
}

// of returns the name of a member, "" for none.
func (n names) of(m *id.Member) string {
	if m == nil {
		return ""
	}
	return n.members[*m]
}

func (n names) ofActor(actor string) string {
	m, _ := actingMember(actor)
	return n.members[m]
}

// holdersOf looks up who held the licences of lines on the first day of each, for
// the sentences of charges.
func (a *api) holdersOf(x *exchange, reader access.Subject, lines []pricing.Line) (holders, error) {
	reach := access.ReachOf(reader, access.SubscriptionView, a.Clock())
	ids := make([]id.Licence, 0, len(lines))
	for _, l := range lines {
		ids = append(ids, l.Licence)
	}
	seats, err := licences.Holders(x.ctx(), a.Pool, reach, ids)
	if err != nil {
		return holders{}, err
	}
	var n wanted
	for _, s := range seats {
		n.member(s.Holder)
	}
	names, err := a.namesFor(x, reader, n)
	return holders{seats, names}, err
}

// presentHolders names who holds licences now, for what the next period will cost.
func (a *api) presentHolders(x *exchange, reader access.Subject, owned []group.Licence) (holders, error) {
	var held holders
	var n wanted
	for _, l := range owned {
		if !l.Holder.IsZero() {
			held.seats = append(held.seats, licences.Holding{Licence: l.ID, Holder: &l.Holder})
			n.member(&l.Holder)
		}
	}
	var err error
	held.names, err = a.namesFor(x, reader, n)
	return held, err
}

// holders are who held licences when.
type holders struct {
	seats []licences.Holding
	names names
}

// of returns the name of who held the licence of a line on its first day.
func (h holders) of(l pricing.Line) string {
	for _, s := range h.seats {
		if s.Licence == l.Licence && s.Holds(l.From) {
			return h.names.of(s.Holder)
		}
	}
	return ""
}
