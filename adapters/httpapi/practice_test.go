package httpapi_test

import (
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"

	"praxis/adapters/devissuer"
)

// people are those who can sign in, by their subjects.
func people() []devissuer.Person {
	var all []devissuer.Person
	for _, subject := range strings.Fields("olivia sam maria carla david emma alex bea rex finn pat quinn fay zoe omar nora") {
		all = append(all, devissuer.Person{Subject: subject, Name: subject, Email: subject + "@example.org"})
	}
	return all
}

// practice is a practice that was founded over HTTP.
type practice struct {
	*stack
	owner, group string
	// branch is the first branch; members are ids by subject.
	branch  string
	members map[string]string
}

// found founds a practice in New York that counts in dollars.
func (s *stack) found(owner string, ownerIsClinician bool) *practice {
	s.t.Helper()
	r := s.post(owner, "/v1/groups", object{"name": "Harbor Psychiatry", "billingZone": "America/New_York", "currency": "USD", "ownerIsClinician": ownerIsClinician}).done()
	p := &practice{stack: s, owner: owner, group: r.ID, members: map[string]string{owner: s.me(owner).Member}}
	var g struct {
		Branches []struct {
			ID      string `json:"id"`
			Default bool   `json:"default"`
		} `json:"branches"`
	}
	s.get(owner, p.path("")).into(&g)
	require.Len(s.t, g.Branches, 1)
	require.True(s.t, g.Branches[0].Default)
	p.branch = g.Branches[0].ID
	return p
}

// me is what an account learns about itself.
type me struct{ Account, Group, Member, Role string }

func (s *stack) me(subject string) me {
	s.t.Helper()
	var m me
	s.get(subject, "/v1/me").into(&m)
	return m
}

// path is a path below the practice.
func (p *practice) path(parts ...string) string {
	return "/v1/groups/" + p.group + strings.Join(parts, "")
}

// invite invites somebody as the owner and returns the invitation.
func (p *practice) invite(subject, role string, clinician bool, clinicians ...string) string {
	p.t.Helper()
	body := object{"email": subject + "@example.org", "role": role, "clinician": clinician, "branches": []string{p.branch}}
	var ids []string
	for _, c := range clinicians {
		ids = append(ids, p.members[c])
	}
	if ids != nil {
		body["clinicians"] = ids
	}
	return p.post(p.owner, p.path("/invitations"), body).done().ID
}

// join invites somebody, who accepts.
func (p *practice) join(subject, role string, clinician bool, clinicians ...string) {
	p.t.Helper()
	p.post(subject, p.path("/invitations/", p.invite(subject, role, clinician, clinicians...), "/accept"), nil).done()
	p.members[subject] = p.me(subject).Member
	require.NotEmpty(p.t, p.members[subject])
}

// allow grants a member a capability.
func (p *practice) allow(subject, capability, scope string) {
	p.t.Helper()
	p.put(p.owner, p.path("/members/", p.members[subject], "/permissions/", capability), object{"effect": "allow", "scope": scope}).done()
}

// open opens a chart.
func (p *practice) open(as, given, family, primary string) string {
	p.t.Helper()
	return p.post(as, p.path("/charts"), object{"patient": object{"givenName": given, "familyName": family}, "primary": p.members[primary]}).done().ID
}

// link lets an account act for the patient of a chart.
func (p *practice) link(chart, subject string) {
	p.t.Helper()
	p.put(p.owner, p.path("/charts/", chart, "/patient-accounts/", p.me(subject).Account), nil).done()
}

// ledger is a path of the ledger of a chart with a clinician.
func (p *practice) ledger(chart, clinician string, parts ...string) string {
	return p.path("/charts/", chart, strings.Join(parts, "")) + "?clinician=" + p.members[clinician]
}

func dollars(cents int64) object { return object{"minor": cents, "currency": "USD"} }

// charge records a charge as the owner.
func (p *practice) charge(chart, clinician, date string, cents int64) string {
	p.t.Helper()
	return p.post(p.owner, p.ledger(chart, clinician, "/charges"), object{"serviceDate": date, "code": "90834", "units": 1, "unitPrice": dollars(cents), "confirmDuplicate": true}).done().ID
}

// draft puts charges on an invoice that is due after 30 days.
func (p *practice) draft(chart, clinician, date string, charges ...string) string {
	p.t.Helper()
	return p.post(p.owner, p.ledger(chart, clinician, "/invoices"), object{"date": date, "terms": "net_30", "charges": charges}).done().ID
}

// issue makes a draft owed.
func (p *practice) issue(chart, clinician, invoice string) receipt {
	p.t.Helper()
	return p.post(p.owner, p.ledger(chart, clinician, "/invoices/", invoice, "/issue"), nil).done()
}

// pay records a payment that settles the oldest invoices first.
func (p *practice) pay(chart, clinician, date string, cents int64) string {
	p.t.Helper()
	return p.post(p.owner, p.ledger(chart, clinician, "/payments"), object{"amount": dollars(cents), "method": "card", "receivedOn": date, "confirmDuplicate": true}).done().ID
}

// remove ends a member's access.
func (p *practice) remove(subject string) {
	p.t.Helper()
	p.send(p.owner, http.MethodDelete, p.path("/members/", p.members[subject]), nil).done()
}
