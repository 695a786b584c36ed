// Package names finds what people are called, for answers that hold their ids.
package names

import (
	"maps"
	"slices"
	"strings"

	"praxis/adapters/httpapi"
	"praxis/domain/access"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/projections/directory"
	"praxis/projections/roster"
)

// Found are what people are called, beside the ids of one answer. They are looked
// up when they are asked for and stand in no event: a member's is what their
// sign-in said, a patient's what the chart says. A reader gets those of the members
// and the charts that they may see in the directory and on the roster, and no
// other; what is missing is left out of the answer.
type Found struct {
	Members  map[id.Member]string
	Patients map[id.Chart]string
}

// Wanted collects ids and then looks their names up, all at once.
type Wanted struct {
	members map[id.Member]bool
	Charts  []id.Chart
}

// Member collects a member, if there is one.
func (n *Wanted) Member(m *id.Member) {
	if m != nil && !m.IsZero() {
		n.member(*m)
	}
}

func (n *Wanted) member(m id.Member) {
	if n.members == nil {
		n.members = map[id.Member]bool{}
	}
	n.members[m] = true
}

// Actor collects who acted, if it was a member: "member:<id>".
func (n *Wanted) Actor(actor string) {
	if m, ok := actingMember(actor); ok {
		n.member(m)
	}
}

func actingMember(actor string) (id.Member, bool) {
	raw, is := strings.CutPrefix(actor, "member:")
	m, err := id.Parse[id.Member](raw)
	return m, is && err == nil
}

// Look finds what a reader may know.
func Look(x *httpapi.Exchange, reader access.Subject, n Wanted) (Found, error) {
	found := Found{Members: map[id.Member]string{}, Patients: map[id.Chart]string{}}
	now := x.API.Clock()
	if len(n.Charts) > 0 {
		if err := x.Await(roster.Name); err != nil {
			return found, err
		}
		var err error
		if found.Patients, err = roster.Names(x.Ctx(), x.From, access.ReachOf(reader, access.RosterView, now), n.Charts); err != nil {
			return found, err
		}
	}
	if len(n.members) == 0 {
		return found, nil
	}
	if err := x.Await(directory.Name); err != nil {
		return found, err
	}
	accounts, err := directory.Accounts(x.Ctx(), x.From, access.ReachOf(reader, access.MemberView, now), slices.Collect(maps.Keys(n.members)))
	if err != nil {
		return found, err
	}
	found.Members, err = OfAccounts(x, accounts)
	return found, err
}

// Recall has Look find what the patients and the members were called at the moment that is
// asked about, if one is.
func Recall(x *httpapi.Exchange, n Wanted) error {
	streams := make([]es.Stream, 0, len(n.Charts))
	for _, c := range n.Charts {
		streams = append(streams, chart.Stream(x.Group(), c))
	}
	if len(streams) > 0 {
		if err := x.Fold(roster.Name, func(s es.Stream) bool { return slices.Contains(streams, s) }); err != nil {
			return err
		}
	}
	return x.Fold(directory.Name, nil)
}

// OfAccounts tells the names of members; those of whom none is known are left out.
func OfAccounts(x *httpapi.Exchange, accounts map[id.Member]id.Account) (map[id.Member]string, error) {
	known, err := x.API.Contacts.Of(x.Ctx(), slices.Collect(maps.Values(accounts))...)
	if err != nil {
		return nil, err
	}
	names := make(map[id.Member]string, len(accounts))
	for member, account := range accounts {
		if name := known[account].Name; name != "" {
			names[member] = name
		}
	}
	return names, nil
}

// Beside shows things with names beside their ids: ids says which ids a thing has, and
// view shows one.
func Beside[T, V any](x *httpapi.Exchange, reader access.Subject, things []T, ids func(*Wanted, T), view func(T, Found) V) ([]V, error) {
	var n Wanted
	for _, thing := range things {
		ids(&n, thing)
	}
	found, err := Look(x, reader, n)
	if err != nil {
		return nil, err
	}
	return httpapi.Views(things, func(t T) V { return view(t, found) }), nil
}

// Of returns the name of a member, "" for none.
func (n Found) Of(m *id.Member) string {
	if m == nil {
		return ""
	}
	return n.Members[*m]
}

// OfActor returns the name of who acted, "" for others than members.
func (n Found) OfActor(actor string) string {
	m, _ := actingMember(actor)
	return n.Members[m]
}
