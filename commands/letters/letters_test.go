package letters_test

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"praxis/commands/letters"
	"praxis/domain/access"
	"praxis/domain/civil"
	"praxis/domain/id"
	"praxis/domain/money"
)

var (
	practice = letters.Practice{Name: "Harbor Psychiatry", Zone: "America/New_York"}
	page     = letters.Link{Template: "https://app.example.com/join?p={group}&i={invitation}", IsPage: true}
	ends     = time.Date(2026, 3, 16, 14, 0, 0, 0, time.UTC)
)

func invitation() letters.Invitation {
	return letters.Invitation{
		ID: id.Derive[id.Invitation]("i"), Group: id.Derive[id.Group]("g"), Practice: practice,
		Address: "ada@example.org", Role: access.SuperAdmin, ExpiresAt: ends,
	}
}

func TestInvitation(t *testing.T) {
	i := invitation()
	l := i.Letter(page)
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
		l := i.Letter(letters.Link{Template: "http://localhost:8080/v1/groups/{group}/invitations/{invitation}/accept"})
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
			require.Contains(t, i.Letter(page).Text, "join the practice "+spec.words)
		}
	})
	t.Run("a zone that the machine does not know is told in UTC", func(t *testing.T) {
		i.Practice.Zone = "Mars/Olympus_Mons"
		require.Contains(t, i.Letter(page).Text, "14:00 (UTC)")
	})
	t.Run("a practice without a name is one all the same", func(t *testing.T) {
		i.Practice.Name = "\r\n"
		require.Equal(t, "Invitation to join your practice", i.Letter(page).Subject)
	})
}

func TestNoticeID_NamesOneLetterPerCommandAndPerson(t *testing.T) {
	c, d := id.Derive[id.Command]("c"), id.Derive[id.Command]("d")
	a, b := id.Derive[id.Account]("a"), id.Derive[id.Account]("b")
	ids := map[letters.ID]bool{letters.NoticeID(c, a): true, letters.NoticeID(c, b): true, letters.NoticeID(d, a): true}
	require.Len(t, ids, 3)
	require.Contains(t, ids, letters.NoticeID(c, a))
}

// every returns every letter that can be written for a practice about a person.
func every(p letters.Practice, name, link string) []letters.Letter {
	i := invitation()
	i.Practice = p
	cents := money.Of(89_00, "USD")
	all := []letters.Letter{
		i.Letter(letters.Link{Template: link, IsPage: true}), i.Letter(letters.Link{Template: link}),
		p.Accepted(name, access.User, true), p.Declined(access.User, true), p.MembershipEnded(), p.OwnershipOffered(ends),
		p.OwnershipReceived(), p.OwnershipGiven(name), p.SuccessorNamed(), p.OwnPermission(name, access.RosterExport),
		p.SuccessionClaimed(name, ends), p.SuccessionComing(name, ends), p.SuccessionRejected(), p.SuccessionWithdrawn(name),
		p.Refunded(cents), p.RefundFailed(cents), p.SubscriptionEnding(civil.MustDate("2026-05-11")), p.SubscriptionEnded(civil.MustDate("2026-05-11")), p.Closed(),
		p.TrialEnded(true), p.TrialEnded(false), p.ChargeFailed(cents, true), p.ChargeFailed(cents, false),
		p.PurchaseCancelled(true), p.PurchaseCancelled(false),
	}
	for _, forTrainee := range []bool{true, false} {
		all = append(all, p.ProofEnding(name, forTrainee, 30, civil.MustDate("2026-05-11")), p.ProofEnded(name, forTrainee))
	}
	return all
}

// requireHarmless holds a letter to what no name can be allowed to change.
func requireHarmless(t require.TestingT, l, plain letters.Letter) {
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

func TestNoNameChangesTheFormOfALetter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(
			rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(raw []byte) string { return string(raw) }),
			rapid.StringMatching("[a-z\r\n\u2028\u202e:@ ]{0,300}"),
		)
		practiceName, name := text.Draw(rt, "practice"), text.Draw(rt, "name")
		plain := every(practice, "Ada", page.Template)
		for n, l := range every(letters.Practice{Name: practiceName, Zone: practice.Zone}, name, page.Template) {
			requireHarmless(rt, l, plain[n])
		}
	})
}

func FuzzInvitation(f *testing.F) {
	f.Add("Harbor Psychiatry", "user")
	f.Add("Harbor\r\nBcc: eve@example.org\r\n\r\nBuy!", "super_admin")
	f.Add("\u202eytsihcysP\u2028\u0085\x00", "")
	f.Add(strings.Repeat("𝒜", 1000), "\r\n")
	plain := invitation().Letter(page)
	f.Fuzz(func(t *testing.T, name, role string) {
		i := invitation()
		i.Practice.Name, i.Role = name, access.Role(role)
		requireHarmless(t, i.Letter(page), plain)
	})
}
