package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/group"
)

// givenBack is what the charges say about money that is given back.
type givenBack struct {
	Charges []struct {
		Status  string
		Total   amount
		Credits []struct {
			Amount      amount
			Explanation string
		}
		Refunds []struct {
			Amount         amount
			Reason, Status string
		}
	}
}

func (p *practice) givenBack() givenBack {
	p.t.Helper()
	var m givenBack
	p.get(p.owner, p.path("/subscription/charges")).into(&m)
	return m
}

func TestTaxAndUnusedDaysAreTermsOfThePriceBook(t *testing.T) {
	s := newStack(t, with(func(c *httpapi.Config) { c.Operators = []string{"omar"} }))
	s.on(time.June, 1)
	p := s.found("olivia", true)
	prices := newPrices("2026-01-01")
	prices["taxBasisPoints"], prices["creditUnused"] = 2000, true
	p.post("omar", "/v1/price-books/USD/versions", prices).done()
	var book struct {
		Versions []struct {
			CreditUnused   bool
			TaxBasisPoints int
		}
	}
	p.get("zoe", "/v1/price-books/USD").into(&book)
	require.True(t, book.Versions[0].CreditUnused)
	require.Equal(t, 2000, book.Versions[0].TaxBasisPoints)

	require.Equal(t, amount{108_00, "USD"}, p.subscribe("erx_lite", "prescriber"), "90.00 and 20 % tax")
	bought, today := p.buy("erx_lite", 2)
	require.Equal(t, amount{216_00, "USD"}, today)

	p.run(t, "BIL-A7 paid days that a licence is not kept for are refunded", func(t *testing.T) {
		s.on(time.June, 15)
		p.post("olivia", p.path("/licences/", bought[0].ID, "/release-now"), nil).done()
		charge := p.givenBack().Charges[1]
		require.Equal(t, amount{216_00, "USD"}, charge.Total)
		require.Equal(t, amount{54_00, "USD"}, charge.Refunds[0].Amount, "15 of 30 days")
		require.Equal(t, "unused", charge.Refunds[0].Reason)
		require.Equal(t, 2, p.subscription().Utilisation.Owned)
		p.post("olivia", p.path("/licences/", bought[0].ID, "/release-now"), nil).refused(http.StatusNotFound, "licence_not_found")
	})
	p.run(t, "BIL-A7 days that are not paid yet are credited", func(t *testing.T) {
		s.on(time.July, 1)
		engine, as := p.process()
		_, err := commands.RollBillingPeriod.Give(t.Context(), engine, as(p), group.RollBillingPeriod{})
		require.NoError(t, err)
		p.post("olivia", p.path("/licences/", bought[1].ID, "/release-now"), nil).done()
		charge := p.givenBack().Charges[2]
		require.Equal(t, amount{111_48, "USD"}, charge.Total, "216.00 less 30 of 31 days of 90.00 and their tax")
		require.Equal(t, amount{104_52, "USD"}, charge.Credits[0].Amount)
		require.Contains(t, charge.Credits[0].Explanation, "−$90.00 × 30/31 days = −$87.10 for 2026-07-02 to 2026-07-31, given back because the licence was released on 2026-07-01; 20 % tax of −$17.42 makes it −$104.52")
		require.Empty(t, charge.Refunds)
	})
}

func TestASubscriptionIsCancelledKeptAndStartedAgain(t *testing.T) {
	s := newStack(t)
	s.on(time.June, 1)
	p := s.found("olivia", true)
	type ending struct {
		Started         bool
		EndsOn, EndedOn string
	}
	present := func() (e ending) {
		p.get("olivia", p.path("/subscription")).into(&e)
		return e
	}
	roll := func(t *testing.T) {
		engine, as := p.process()
		_, err := commands.RollBillingPeriod.Give(t.Context(), engine, as(p), group.RollBillingPeriod{})
		require.NoError(t, err)
	}
	cancellation := p.path("/subscription/cancellation")
	p.post("olivia", cancellation, nil).refused(http.StatusUnprocessableEntity, "no_subscription")
	p.subscribe("erx_lite", "prescriber")
	p.post("olivia", cancellation, nil).done()
	require.Equal(t, ending{Started: true, EndsOn: "2026-07-01"}, present())
	p.send("olivia", http.MethodDelete, cancellation, nil).done()
	require.Equal(t, ending{Started: true}, present())

	p.post("olivia", cancellation, nil).done()
	s.on(time.July, 1)
	roll(t)
	require.Equal(t, ending{EndedOn: "2026-07-01"}, present())
	require.Len(t, p.charges().Charges, 1, "nothing is charged any more")
	p.post("olivia", p.path("/invitations"), object{"email": "carla@example.org", "role": "user", "clinician": true}).
		refused(http.StatusUnprocessableEntity, "no_subscription")

	s.on(time.July, 16)
	require.Equal(t, amount{45_94, "USD"}, p.subscribe("erx_lite", "prescriber"), "BIL-T22 16 of 31 days")
	require.Equal(t, ending{Started: true}, present())
}
