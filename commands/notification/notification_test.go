package notification_test

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/commands/notification"
	"praxis/domain/access"
	"praxis/domain/careteam"
	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
)

var (
	practice = notification.Sender{Name: "Harbor Psychiatry", Zone: "America/New_York"}
	page     = notification.Link{Template: "https://app.example.com/join?p={group}&i={invitation}", IsPage: true}
	ends     = time.Date(2026, 3, 16, 14, 0, 0, 0, time.UTC)
)

func invitation() notification.Invitation {
	return notification.Invitation{
		ID: id.Derive[id.Invitation]("i"), Group: id.Derive[id.Group]("g"), Sender: practice,
		Address: "ada@example.org", Role: access.SuperAdmin, ExpiresAt: ends,
	}
}

// portalInvitation is for a guardian; self is for the patient.
func portalInvitation() notification.PortalInvitation {
	return notification.PortalInvitation{
		ID: id.Derive[id.Invitation]("i"), Group: id.Derive[id.Group]("g"), Chart: id.Derive[id.Chart]("c"), Sender: practice,
		Relation: chart.Guardian, Token: "dG9rZW4", ExpiresAt: ends,
	}
}

func TestPortalInvitation(t *testing.T) {
	i := portalInvitation()
	l := i.Words(page)
	require.Equal(t, "Invitation to the patient portal of Harbor Psychiatry", l.Subject)
	require.Equal(t, `Hello,

Harbor Psychiatry invites you to see and book appointments online for somebody whom you care for.

To accept, open this page and sign in, or make an account there first:

https://app.example.com/join?p=`+i.Group.String()+`&i=`+i.ID.String()+`#chart=`+i.Chart.String()+`&token=dG9rZW4

The invitation holds until Monday, 16 March 2026, 10:00 (America/New_York), for one account. Do not pass it on: who has this mail can accept it.

If you did not expect it, leave it unanswered: nothing happens then.

-- 
Sent by Praxis for Harbor Psychiatry.
`, l.Text)

	t.Run("without a page it names the operation of the API, and the token beside it", func(t *testing.T) {
		l := i.Words(notification.Link{Template: "http://localhost:8080/v1/groups/{group}/invitations/{invitation}/accept"})
		require.Contains(t, l.Text, "\n\nhttp://localhost:8080/v1/groups/"+i.Group.String()+"/charts/"+i.Chart.String()+"/invitations/"+i.ID.String()+"/accept\n\n")
		require.Contains(t, l.Text, "\n\ndG9rZW4\n\n")
		require.NotContains(t, l.Text, "?token=")
	})
	t.Run("the patient is invited for themselves", func(t *testing.T) {
		i.Relation = chart.Self
		require.Contains(t, i.Words(page).Text, "Harbor Psychiatry invites you to see and book appointments online.")
	})
}

func TestInvitation(t *testing.T) {
	i := invitation()
	l := i.Words(page)
	require.Equal(t, "Invitation to join Harbor Psychiatry", l.Subject)
	require.Equal(t, `Hello,

Harbor Psychiatry invites you to join the practice as a super admin.

To answer, open this page and sign in with the e-mail address that this mail came to:

https://app.example.com/join?p=`+i.Group.String()+`&i=`+i.ID.String()+`

The invitation holds until Monday, 16 March 2026, 10:00 (America/New_York).

If you did not expect it, leave it unanswered: nothing happens then.

-- 
Sent by Praxis for Harbor Psychiatry.
`, l.Text)

	t.Run("without a page it names the operation of the API", func(t *testing.T) {
		l := i.Words(notification.Link{Template: "http://localhost:8080/v1/groups/{group}/invitations/{invitation}/accept"})
		require.Contains(t, l.Text, "\n\nhttp://localhost:8080/v1/groups/"+i.Group.String()+"/invitations/"+i.ID.String()+"/accept\n\n")
		require.NotContains(t, l.Text, "open this page")
	})
	t.Run("roles are told in words", func(t *testing.T) {
		for _, spec := range []struct {
			role      access.Role
			clinician bool
			words     string
		}{
			{access.SuperAdmin, true, "as a super admin who treats patients."},
			{access.Manager, true, "as a manager, a clinician who looks after other clinicians."},
			{access.User, true, "as a clinician."},
			{access.User, false, "as a member of its staff."},
			{access.Assistant, false, "as an administrative assistant."},
		} {
			i.Role, i.Clinician = spec.role, spec.clinician
			require.Contains(t, i.Words(page).Text, "join the practice "+spec.words)
		}
	})
	t.Run("a zone that the machine does not know is told in UTC", func(t *testing.T) {
		i.Sender.Zone = "Mars/Olympus_Mons"
		require.Contains(t, i.Words(page).Text, "14:00 (UTC)")
	})
	t.Run("a practice without a name is one all the same", func(t *testing.T) {
		i.Sender.Name = "\r\n"
		require.Equal(t, "Invitation to join your practice", i.Words(page).Subject)
	})
}

func TestIDOf_NamesOneNotificationPerCommandAndPerson(t *testing.T) {
	c, d := id.Derive[id.Command]("c"), id.Derive[id.Command]("d")
	a, b := id.Derive[id.Account]("a"), id.Derive[id.Account]("b")
	ids := map[notification.ID]bool{notification.IDOf(c, a): true, notification.IDOf(c, b): true, notification.IDOf(d, a): true}
	require.Len(t, ids, 3)
	require.Contains(t, ids, notification.IDOf(c, a))
}

var (
	oona, bob   = id.Derive[id.Member]("oona"), id.Derive[id.Member]("bob")
	bobsInvite  = id.Derive[id.Invitation]("bob")
	bobsProof   = id.Derive[id.TraineeProof]("bob")
	bought, due = id.Derive[id.SeatCharge]("bought"), id.Derive[id.SeatCharge]("due")
	cents       = money.Of(89_00, "USD")
)

func accountOf(m id.Member) id.Account { return id.Derive[id.Account](m.String()) }

// practiceCalled is a practice of an owner and of somebody who joined, who is in
// training and claims the practice.
func practiceCalled(name string, then ...group.Event) group.State {
	g := group.Aggregate().New()
	for _, e := range append([]group.Event{
		group.GroupCreated{Name: name, Owner: oona, Account: accountOf(oona), BillingZone: "America/New_York", Currency: "USD"},
		group.MemberInvited{Invitation: bobsInvite, EmailHash: "bob", Role: access.User, Clinician: true, InvitedBy: oona, ExpiresAt: ends},
		group.MemberJoined{Invitation: bobsInvite, Member: bob, Account: accountOf(bob), Role: access.User, Clinician: true},
		group.TraineeProofSubmitted{Proof: bobsProof, EmailHash: "bob", SubmittedBy: oona},
		group.SuccessorNamed{Successor: bob, NamedBy: oona},
		group.SuccessionClaimed{By: bob, DueAt: ends},
	}, then...) {
		group.Evolve(&g, e)
	}
	return g
}

// every returns everything that can be told, of every kind, for a practice about a
// person, and by how many of the kinds.
func every(practiceName, name, link string) (all []notification.Words, kinds int) {
	i := invitation()
	i.Sender.Name = practiceName
	all = append(all, i.Words(notification.Link{Template: link, IsPage: true}), i.Words(notification.Link{Template: link}))
	toPortal := portalInvitation()
	toPortal.Sender.Name = practiceName
	all = append(all, toPortal.Words(notification.Link{Template: link, IsPage: true}), toPortal.Words(notification.Link{Template: link}))
	kinds = 2
	running := practiceCalled(practiceName, group.SubscriptionStarted{Owner: oona}, group.ProratedChargeRaised{Charge: bought, Total: cents}, group.SubscriptionCharged{Charge: due, Total: cents})
	closed := practiceCalled(practiceName)
	on := civil.MustDate("2026-05-11")
	for _, events := range [][]any{
		{group.MemberJoined{Invitation: bobsInvite, Member: bob, Account: accountOf(bob), Role: access.User, Clinician: true}},
		{group.InvitationDeclined{Invitation: bobsInvite}},
		{group.MemberAccessRevoked{Member: bob}},
		{group.OwnershipOffered{To: bob, ExpiresAt: ends}},
		{group.OwnershipTransferred{From: oona, To: bob}},
		{group.SuccessorNamed{Successor: bob}},
		{group.SuccessionClaimed{By: bob, DueAt: ends}},
		{notification.ClaimComing{Now: ends.Add(-time.Hour)}},
		{group.SuccessionRejected{Claimant: bob}},
		{group.SuccessionWithdrawn{Claimant: bob}},
		{group.PermissionGranted{Member: oona, GrantedBy: oona, Capability: access.RosterExport}},
		{
			chart.PrimaryChangeLapsed{PlannedPrimary: careteam.PlannedPrimary{To: bob, By: oona, EffectiveAt: ends}, Primary: oona, Reason: "not_active_clinician"},
			chart.PrimaryChangeLapsed{PlannedPrimary: careteam.PlannedPrimary{To: bob, By: oona, EffectiveAt: ends}, Primary: oona, Reason: "clinician_not_in_branch"},
			chart.PrimaryChangeLapsed{PlannedPrimary: careteam.PlannedPrimary{To: bob, By: oona, EffectiveAt: ends}, Primary: oona, Reason: "primary_left"},
			chart.PrimaryChangeLapsed{PlannedPrimary: careteam.PlannedPrimary{To: bob, By: oona, EffectiveAt: ends}, Primary: oona, Reason: "another"},
		},
		{chart.BreakGlassOpened{Member: bob, ExpiresAt: ends, Tell: []id.Member{oona, bob}}},
		{group.TrialExpired{}},
		{group.ChargeFailed{Charge: bought, Attempt: 1}, group.ChargeFailed{Charge: due}},
		{group.ChargeCancelled{Charge: bought}},
		{group.ChargeRefunded{Amount: cents}},
		{group.RefundFailed{}},
		{group.SubscriptionCancellationScheduled{Effective: on}},
		{group.SubscriptionCancelled{On: on}},
		{group.GroupClosed{}},
		{group.TraineeProofExpiring{Proof: bobsProof, Threshold: 30, ValidUntil: on}},
		{group.TraineeProofExpired{Proof: bobsProof}},
	} {
		kinds++
		for _, event := range events {
			for _, g := range []group.State{running, closed} {
				d := notification.Tell(event)(g)
				for _, to := range d.To {
					all = append(all, d.Words(to, name))
				}
			}
		}
	}
	return all, kinds
}

func TestKinds_AreAllKnownToTheseTests(t *testing.T) {
	all, kinds := every("Harbor Psychiatry", "Ada", page.Template)
	require.Len(t, notification.Kinds(), kinds)
	subjects := map[string]bool{}
	for _, w := range all {
		subjects[w.Subject] = true
	}
	require.Len(t, subjects, kinds+1, "the former and the new owner read different ones")
}

// requireHarmless holds what is read to what no name can be allowed to change.
func requireHarmless(t require.TestingT, l, plain notification.Words) {
	require.NotEmpty(t, l.Subject)
	require.NotContains(t, l.Subject+l.Text, "\x00")
	require.False(t, strings.ContainsFunc(l.Subject, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	}), "%q", l.Subject)
	require.True(t, utf8.ValidString(l.Subject) && utf8.ValidString(l.Text))
	require.LessOrEqual(t, utf8.RuneCountInString(l.Subject), 100)
	require.Equal(t, strings.Count(plain.Text, "\n"), strings.Count(l.Text, "\n"), "a name adds no line")
	require.NotContains(t, l.Text, "\r")
}

func TestNoNameChangesTheFormOfANotification(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(
			rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(raw []byte) string { return string(raw) }),
			rapid.StringMatching("[a-z\r\n\u2028\u202e:@ ]{0,300}"),
		)
		practiceName, name := text.Draw(rt, "practice"), text.Draw(rt, "name")
		plain, _ := every(practice.Name, "Ada", page.Template)
		all, _ := every(practiceName, name, page.Template)
		for n, l := range all {
			requireHarmless(rt, l, plain[n])
		}
	})
}

func FuzzInvitation(f *testing.F) {
	f.Add("Harbor Psychiatry", "user")
	f.Add("Harbor\r\nBcc: eve@example.org\r\n\r\nBuy!", "super_admin")
	f.Add("\u202eytsihcysP\u2028\u0085\x00", "")
	f.Add(strings.Repeat("𝒜", 1000), "\r\n")
	plain := invitation().Words(page)
	f.Fuzz(func(t *testing.T, name, role string) {
		i := invitation()
		i.Sender.Name, i.Role = name, access.Role(role)
		requireHarmless(t, i.Words(page), plain)
	})
}
