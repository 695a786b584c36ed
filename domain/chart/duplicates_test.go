package chart_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/chart"
	"praxis/domain/civil"
	"praxis/domain/es/estest"
	"praxis/domain/fault"
	"praxis/domain/id"
)

var (
	twin  = chart.Alike{Chart: partner, Name: "Ada Lovelace", In: []chart.Likeness{chart.NameAndBirthDate, chart.NameAndEmail}}
	apart = chart.ToldApart{From: []id.Chart{partner}, Reason: "Another Ada, born in Leeds"}
)

// among opens the chart where these look like it.
func among(alike ...chart.Alike) func(*knowing[chart.CreateChart]) {
	return func(c *knowing[chart.CreateChart]) { c.Facts.Alike = alike }
}

func passingOver(reason string) func(*knowing[chart.CreateChart]) {
	return func(c *knowing[chart.CreateChart]) {
		c.Command.AllowDuplicate, c.Command.DuplicateReason = true, reason
	}
}

func TestOpeningAChartThatLooksLikeAnother(t *testing.T) {
	t.Run("duplicate_patient names the charts that look alike, and what is alike", func(t *testing.T) {
		second := chart.Alike{Chart: id.MustParse[id.Chart]("00000000-0000-4000-8000-0000000000c3"), Name: "Lovelace, Ada", In: []chart.Likeness{chart.BirthDateAndPhone}}
		given(t).When(create(among(twin, second)), now).ThenRejected("duplicate_patient")
		c := create(among(twin, second))
		_, err := c.Command.Decide(chart.State{}, c.Facts, now)
		require.Equal(t, map[string]string{
			"charts": "00000000-0000-4000-8000-0000000000c2,00000000-0000-4000-8000-0000000000c3",
			"names":  "Ada Lovelace\nLovelace, Ada",
			"alike":  "name_and_birth_date name_and_email,birth_date_and_phone",
		}, fault.From(err).Details)
		require.Equal(t, fault.Rejected, fault.KindOf(err))
	})
	t.Run("with a reason it is opened, and says from whom the patient was told apart", func(t *testing.T) {
		given(t).When(create(among(twin), passingOver(" Another Ada, born in Leeds ")), now).Then(created, apart)
		given(t).When(create(passingOver("There is none")), now).Then(created)
	})
	t.Run("without a reason nothing is passed over, also where nothing looks alike", func(t *testing.T) {
		given(t).When(create(among(twin), passingOver(" ")), now).ThenRejected("reason_required")
		given(t).When(create(passingOver("")), now).ThenRejected("reason_required")
	})
	t.Run("what is wrong otherwise is said first", func(t *testing.T) {
		given(t).When(create(among(twin), func(c *knowing[chart.CreateChart]) { c.Command.Patient.Phone = "call me" }), now).ThenRejected("malformed_phone")
		given(t, created).When(create(among(twin)), now).ThenRejected("chart_exists")
	})
}

func telling(known bool, c chart.TellApart) estest.With[chart.TellApart, bool, chart.State, chart.Event] {
	return estest.Knowing(c, known)
}

func TestTellingChartsApart(t *testing.T) {
	say := chart.TellApart{From: partner, Reason: apart.Reason}
	t.Run("two people are told apart once", func(t *testing.T) {
		given(t, created).When(telling(true, say), now).Then(apart)
		given(t, created, apart).When(telling(true, say), now).ThenNothing()
		given(t, created, apart).When(telling(true, say), now).ThenState(func(t testing.TB, s chart.State) {
			require.Equal(t, []id.Chart{partner}, s.Apart())
		})
	})
	t.Run("refusals", func(t *testing.T) {
		given(t).When(telling(true, say), now).ThenRejected("chart_not_found")
		given(t, created).When(telling(false, say), now).ThenRejected("other_chart_not_found")
		given(t, created).When(telling(true, chart.TellApart{From: chartID, Reason: "x"}), now).ThenRejected("same_chart")
		given(t, created).When(telling(true, chart.TellApart{From: partner}), now).ThenRejected("reason_required")
		given(t, created, archived).When(telling(true, say), now).ThenRejected("chart_archived") // AMB-17
	})
}

func TestSigns(t *testing.T) {
	ada := chart.Demographics{GivenName: "Ada", FamilyName: "Lovelace", BirthDate: civil.MustDate("1985-12-10"), Email: "ada@example.org", Phone: "+1 (555) 010-0199"}
	with := func(change func(*chart.Demographics)) chart.Demographics {
		d := ada
		change(&d)
		return d
	}
	in := func(one, other chart.Demographics) []chart.Likeness {
		return chart.InCommon(one.Signs(group), other.Signs(group))
	}
	t.Run("any two of the name in some spelling, the birth date and a way to be reached", func(t *testing.T) {
		for _, c := range []struct {
			other chart.Demographics
			in    []chart.Likeness
		}{
			{ada, []chart.Likeness{chart.NameAndBirthDate, chart.NameAndEmail, chart.NameAndPhone, chart.BirthDateAndEmail, chart.BirthDateAndPhone}},
			{chart.Demographics{GivenName: "LOVELACE", FamilyName: "Áda", BirthDate: ada.BirthDate}, []chart.Likeness{chart.NameAndBirthDate}},
			{chart.Demographics{FamilyName: "Ada Lovelace", Email: "Ada+therapy@Example.org"}, []chart.Likeness{chart.NameAndEmail}},
			{chart.Demographics{FamilyName: "Lovelace Ada", Phone: "555 010 0199"}, []chart.Likeness{chart.NameAndPhone}},
			{chart.Demographics{FamilyName: "Byron", BirthDate: ada.BirthDate, Email: "ada@example.org"}, []chart.Likeness{chart.BirthDateAndEmail}},
			{chart.Demographics{FamilyName: "Byron", BirthDate: ada.BirthDate, Phone: "001 555 0100199"}, []chart.Likeness{chart.BirthDateAndPhone}},
		} {
			require.Equal(t, c.in, in(ada, c.other), c.other)
			require.ElementsMatch(t, c.in, in(c.other, ada), c.other)
		}
	})
	t.Run("one alone is no likeness, and neither are two ways to be reached", func(t *testing.T) {
		require.Empty(t, in(ada, chart.Demographics{GivenName: "Ada", FamilyName: "Lovelace"}))
		require.Empty(t, in(ada, chart.Demographics{FamilyName: "Byron", BirthDate: ada.BirthDate}))
		require.Empty(t, in(ada, chart.Demographics{FamilyName: "Byron", Email: ada.Email, Phone: ada.Phone}))
		require.Empty(t, in(ada, with(func(d *chart.Demographics) {
			d.GivenName, d.BirthDate, d.Phone = "Anna", civil.MustDate("1985-12-11"), "555-0102"
		})))
	})
	t.Run("what nothing is known of is not alike", func(t *testing.T) {
		require.Empty(t, chart.Demographics{FamilyName: "New"}.Signs(group))
		require.Empty(t, chart.Demographics{FamilyName: "…", Email: "a@example.org"}.Signs(group))
		require.Empty(t, chart.Demographics{FamilyName: "New", Phone: "12345"}.Signs(group), "an extension")
	})
	t.Run("nothing is alike across practices, and no sign shows what it is made of", func(t *testing.T) {
		require.Empty(t, chart.InCommon(ada.Signs(group), ada.Signs(id.MustParse[id.Group]("00000000-0000-4000-8000-0000000000f1"))))
		require.Len(t, ada.Signs(group), 8, "the name has two spellings, each with three things")
	})
}
