package httpapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"praxis/adapters/httpapi"
	"praxis/commands"
	"praxis/domain/group"
	"praxis/projections/licences"
)

// on moves the clock to nine in the morning, New York, of a day in 2026.
func (s *stack) on(month time.Month, day int) {
	s.clock.Pass(time.Date(2026, month, day, 13, 0, 0, 0, time.UTC).Sub(s.clock.Now()))
}

// joinWith invites a clinician to a free licence; they accept.
func (p *practice) joinWith(subject, profession, licence string) {
	p.t.Helper()
	body := object{"email": subject + "@example.org", "role": "user", "clinician": true, "profession": profession}
	if licence != "" {
		body["licence"] = licence
	}
	i := p.post(p.owner, p.path("/invitations"), body).done().ID
	p.post(subject, p.path("/invitations/", i, "/accept"), nil).done()
	p.members[subject] = p.me(subject).Member
}

// seatCharges are the charges of the subscription, the oldest first.
type seatCharges struct {
	Charges []struct {
		ID, Kind, On, Status string
		Total                amount
		Lines                []struct {
			Amount      amount
			Explanation string
		}
	}
}

func (p *practice) charges() seatCharges {
	p.t.Helper()
	var c seatCharges
	// Some tests charge behind the back of this client.
	require.NoError(p.t, p.runner.WaitFor(p.t.Context(), p.tail(), licences.Name))
	p.get(p.owner, p.path("/subscription/charges")).into(&c)
	for i := range c.Charges {
		p.get(p.owner, p.path("/subscription/charges/", c.Charges[i].ID)).into(&c.Charges[i])
	}
	return c
}

// SCN-1 over HTTP.
func TestWhatAGrowingPracticePays(t *testing.T) {
	s := newStack(t)
	s.on(time.June, 1)
	p := s.found("olivia", true)
	p.join("carla", "user", true)
	bill := func(minor int64) amount { return amount{minor, "USD"} }

	p.run(t, "BIL-1 L-2 owner and one more on e-Rx lite pay $178.00 for the period", func(t *testing.T) {
		require.False(t, p.subscription().Started)
		require.Equal(t, bill(178_00), p.subscribe("erx_lite", "prescriber"))
		require.Equal(t, bill(178_00), p.subscription().NextInvoice.Total)
		p.post("olivia", p.path("/subscription"), object{"seats": p.seats("erx_lite", "prescriber"), "quotedTotal": dollars(0)}).
			refused(http.StatusUnprocessableEntity, "subscription_started")
	})
	p.run(t, "BIL-4 a clinician without a licence is not invited, and is told what one costs", func(t *testing.T) {
		s.on(time.June, 16)
		refusal := p.post("olivia", p.path("/invitations"), object{"email": "david@example.org", "role": "user", "clinician": true, "profession": "prescriber"}).
			refused(http.StatusUnprocessableEntity, "no_free_licence")
		require.Equal(t, "USD 44.50", refusal.Details["quote"])
	})
	p.run(t, "BIL-A6 another total than the quoted one buys nothing", func(t *testing.T) {
		tail := p.tail()
		p.post("olivia", p.path("/licences"), object{"plan": "erx_lite", "quantity": 1, "quotedTotal": dollars(44_49)}).
			refused(http.StatusUnprocessableEntity, "price_changed")
		require.Equal(t, tail, p.tail())
	})
	p.run(t, "a dry run says what it costs, today and from the next period on", func(t *testing.T) {
		shown := p.post("olivia", p.path("/licences"), object{"plan": "erx_lite", "quantity": 1, "quotedTotal": dollars(44_50)}, asDryRun).receipt()
		require.NotNil(t, shown.Cost)
		require.Equal(t, []amount{bill(44_50), bill(178_00), bill(267_00)}, []amount{shown.Cost.Today, shown.Cost.NextBefore, shown.Cost.NextAfter})
	})
	p.run(t, "BIL-5 L-5 a prescriber on 16 June is one charge of $44.50, and $267.00 from 1 July", func(t *testing.T) {
		bought, today := p.buy("erx_lite", 1)
		require.Equal(t, bill(44_50), today)
		p.joinWith("david", "prescriber", bought[0].ID)
		require.Equal(t, bill(267_00), p.subscription().NextInvoice.Total)
		last := p.charges().Charges[1]
		require.Equal(t, "paid", last.Status)
		require.Len(t, last.Lines, 1)
		require.Equal(t, "Licence "+bought[0].ID+" of david on e-Rx lite: $89.00 × 15/30 days = $44.50 for 2026-06-16 to 2026-06-30, bought on 2026-06-16 (price book version 1).", last.Lines[0].Explanation)
	})
	p.run(t, "BIL-11 a prescriber in training is $22.25 that day, and $44.50 a month", func(t *testing.T) {
		proof := p.prove("/trainee-proofs", "prescriber", "2026-12-31", object{"email": "emma@example.org"})
		query := p.path("/subscription/quote?plan=erx_lite&proof=", proof)
		p.get("olivia", query).refused(http.StatusUnprocessableEntity, "proof_not_valid")
		p.post("olivia", p.path("/trainee-proofs/", proof, "/verify"), object{"accredited": false}).refused(http.StatusUnprocessableEntity, "not_accredited")
		p.post("olivia", p.path("/trainee-proofs/", proof, "/verify"), object{"accredited": true}).done()
		_, today := p.buy("erx_lite", 1, proof)
		require.Equal(t, bill(22_25), today)
		p.joinWith("emma", "prescriber", "")
		require.Equal(t, bill(311_50), p.subscription().NextInvoice.Total)
	})
	p.run(t, "BIL-10 a psychology intern is free while the proof holds, and pays from the next period on", func(t *testing.T) {
		proof := p.prove("/trainee-proofs", "non_prescriber", "2026-06-20", object{"email": "maria@example.org"})
		p.post("olivia", p.path("/trainee-proofs/", proof, "/verify"), object{"accredited": true}).done()
		_, today := p.buy("therapist_basic", 1, proof)
		require.Equal(t, bill(0), today)
		p.joinWith("maria", "therapist", "")
		require.Equal(t, bill(360_50), p.subscription().NextInvoice.Total)
	})
	p.run(t, "BIL-8 a coach who works as an assistant needs no licence", func(t *testing.T) {
		p.join("alex", "assistant", false, "carla")
		require.Equal(t, bill(360_50), p.subscription().NextInvoice.Total)
	})
	p.run(t, "the next period is charged once, as the next invoice foretold", func(t *testing.T) {
		s.settle() // the names of those who just joined
		foretold := p.subscription().NextInvoice
		s.on(time.July, 1)
		engine, as := p.process()
		for range 2 {
			_, err := commands.RollBillingPeriod.Give(t.Context(), engine, as(p), group.RollBillingPeriod{})
			require.NoError(t, err)
		}
		charged := p.charges()
		require.Equal(t, []string{"renewal", "purchase", "purchase", "purchase", "renewal"}, kinds(charged))
		require.Equal(t, bill(360_50), charged.Charges[4].Total)
		require.Equal(t, foretold.Lines, charged.Charges[4].Lines)
		require.Equal(t, "2026-08-01", p.subscription().Period.End)
	})
	p.run(t, "BIL-A8 a dearer plan begins today, a cheaper one with the period; a licence is released at its end", func(t *testing.T) {
		licences := p.subscription().Licences
		path := p.path("/licences/", licences[0].ID)
		var quote struct{ Today amount }
		p.get("olivia", path+"/plan-quote?plan=prescriber_premium").into(&quote)
		require.Equal(t, bill(30_00), quote.Today)
		p.put("olivia", path+"/plan", object{"plan": "prescriber_premium", "quotedTotal": quote.Today}).done()
		p.put("olivia", p.path("/licences/", licences[1].ID, "/plan"), object{"plan": "therapist_basic", "quotedTotal": dollars(0)}).done()
		p.send("olivia", http.MethodDelete, p.path("/licences/", licences[4].ID, "/holder"), nil).done()
		p.post("olivia", p.path("/licences/", licences[4].ID, "/release"), nil).done()
		after := p.subscription()
		require.Equal(t, "therapist_basic", after.Licences[1].NextPlan)
		require.True(t, after.Licences[4].Releasing)
		p.send("olivia", http.MethodDelete, p.path("/licences/", licences[4].ID, "/release"), nil).done()
		p.put("olivia", p.path("/licences/", licences[4].ID, "/holder"), object{"member": p.members["maria"]}).done()
		p.put("olivia", p.path("/subscription/payment-method"), object{"method": "4242 4242 4242 4242"}).refused(http.StatusBadRequest, "card_data_refused")
	})
}

func kinds(c seatCharges) (all []string) {
	for _, charge := range c.Charges {
		all = append(all, charge.Kind)
	}
	return all
}

func TestAnOperatorPublishesPrices(t *testing.T) {
	p := newStack(t, with(func(c *httpapi.Config) { c.Operators = []string{"omar"} })).found("olivia", true)
	book := "/v1/price-books/USD"
	var prices struct{ Versions []struct{ Version int } }
	p.get("zoe", book).into(&prices)
	require.Empty(t, prices.Versions)
	p.post("olivia", book+"/versions", newPrices("2026-01-01")).refused(http.StatusForbidden, "operators_only")
	p.post("omar", book+"/versions", newPrices("2026-01-01")).done()
	require.Equal(t, amount{90_00, "USD"}, p.subscribe("erx_lite", "prescriber"))
	p.post("omar", book+"/versions", newPrices("2026-01-01")).refused(http.StatusUnprocessableEntity, "effective_in_past")
	p.get("zoe", book).into(&prices)
	require.Len(t, prices.Versions, 1)
}

func TestAPracticeWithoutTrialsIsToldSo(t *testing.T) {
	p := newStack(t).found("olivia", true)
	p.post("olivia", p.path("/subscription/trial"), object{"seats": p.seats("erx_lite", "prescriber")}).
		refused(http.StatusUnprocessableEntity, "owner_not_on_trial")
}

// reply is what one of many requests at once was answered with.
type reply struct {
	Outcome, Code string
}

// atOnce sends n requests as the owner at the same moment.
func (p *practice) atOnce(n int, request func(i int) (method, path string, body object, key string)) []reply {
	p.t.Helper()
	replies, errs := make([]reply, n), make([]error, n)
	token := p.token(p.owner)
	var browsers sync.WaitGroup
	for i := range n {
		method, path, body, key := request(i)
		var raw []byte
		var err error
		if body != nil {
			raw, err = json.Marshal(body)
			require.NoError(p.t, err)
		}
		req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, bytes.NewReader(raw))
		require.NoError(p.t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", key)
		browsers.Go(func() {
			response, err := p.client.Do(req)
			if err == nil {
				err = json.NewDecoder(response.Body).Decode(&replies[i])
				_ = response.Body.Close()
			}
			errs[i] = err
		})
	}
	browsers.Wait()
	require.Equal(p.t, make([]error, n), errs)
	return replies
}

func count[T comparable](all []T, wanted T) (n int) {
	for _, one := range all {
		if one == wanted {
			n++
		}
	}
	return n
}

func TestTwoBrowsersOfTheOwnerAtOnce(t *testing.T) {
	p := newStack(t, onRealStore).found("olivia", true)
	p.subscribe("erx_lite", "prescriber")
	var helpers []string
	for _, subject := range []string{"sam", "maria", "carla", "david", "emma", "bea"} {
		p.join(subject, "user", false)
		helpers = append(helpers, p.members[subject])
	}
	one := object{"plan": "erx_lite", "quantity": 1, "quotedTotal": dollars(89_00)}

	p.run(t, "one intention buys once, however often it is sent", func(t *testing.T) {
		replies := p.atOnce(8, func(int) (string, string, object, string) {
			return http.MethodPost, p.path("/licences"), one, "the same"
		})
		require.Equal(t, 8, count(replies, reply{Outcome: "done"})+count(replies, reply{Outcome: "replayed"}), "%v", replies)
		require.Equal(t, 2, p.subscription().Utilisation.Owned)
		charges := p.charges().Charges
		require.Len(t, charges, 2)
		require.Equal(t, amount{89_00, "USD"}, charges[1].Total)
	})
	p.run(t, "BIL-A6 many purchases of a day are one charge, with a line for each licence", func(t *testing.T) {
		replies := p.atOnce(6, func(i int) (string, string, object, string) {
			return http.MethodPost, p.path("/licences"), one, strconv.Itoa(i)
		})
		require.Equal(t, 6, count(replies, reply{Outcome: "done"}))
		charges := p.charges().Charges
		require.Len(t, charges, 2)
		require.Len(t, charges[1].Lines, 7)
		require.Equal(t, amount{7 * 89_00, "USD"}, charges[1].Total)
		p.collected(charges[1].ID)
	})
	p.run(t, "no licence is assigned twice, and nobody gets two", func(t *testing.T) {
		free := p.subscription().Licences[1:3]
		replies := p.atOnce(12, func(i int) (string, string, object, string) {
			body := object{"member": helpers[i/2], "profession": "prescriber"}
			return http.MethodPut, p.path("/licences/", free[i%2].ID, "/holder"), body, "assign " + strconv.Itoa(i)
		})
		require.Equal(t, 2, count(replies, reply{Outcome: "done"}))
		require.Equal(t, 10, count(replies, reply{Code: "licence_in_use"})+count(replies, reply{Code: "member_has_licence"}))
		after := p.subscription()
		require.Equal(t, 3, after.Utilisation.Assigned)
		require.NotEqual(t, after.Licences[1].Holder, after.Licences[2].Holder)
	})
	p.run(t, "two collections of a charge are one attempt", func(t *testing.T) {
		p.post("olivia", p.path("/licences"), one).done()
		charge := p.charges().Charges[2]
		replies := p.atOnce(4, func(i int) (string, string, object, string) {
			return http.MethodPost, p.path("/subscription/charges/", charge.ID, "/collection"), nil, "collect " + strconv.Itoa(i)
		})
		require.Equal(t, 1, count(replies, reply{Outcome: "done"}))
		require.Equal(t, 3, count(replies, reply{Outcome: "unchanged"}))
		require.Equal(t, "collecting", p.charges().Charges[2].Status)
	})
}
