package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/adapters/httpapi"
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/money"
)

// balance is the answer to a selection.
type balance struct {
	Total      struct{ Charged, Received, Outstanding, Uninvoiced, UnappliedCredit, Owed, Credit, Current amount }
	Clinicians []struct {
		Clinician        string
		Charged, Current amount
	}
	LeftOut []struct{ Chart, Clinician, Code, Why string }
}

func (p *practice) balance(as, query string) balance {
	p.t.Helper()
	var b balance
	p.get(as, p.path("/billing/balance", query)).into(&b)
	return b
}

// written appends events to a ledger as an earlier release could have decided
// them: there was no cap.
func (p *practice) written(chart, clinician string, events ...invoice.Event) {
	p.t.Helper()
	ledger := invoice.LedgerID{
		Group: id.MustParse[id.Group](p.group), Chart: id.MustParse[id.Chart](chart), Clinician: id.MustParse[id.Member](p.members[clinician]),
	}
	var proposed []es.Proposed
	for _, event := range events {
		typ, data, meta, err := p.registry.Encode(event, es.Subject{Group: ledger.Group, Chart: ledger.Chart}, es.Metadata{
			Actor: "member:" + p.members[clinician], Group: ledger.Group, Command: id.New[id.Command](), CommandName: "invoice.record_charge",
			Correlation: "test", Causation: "test", OccurredAt: p.clock.Now(),
		})
		require.NoError(p.t, err)
		proposed = append(proposed, es.Proposed{ID: id.New[id.Event](), Type: typ, Data: data, Metadata: meta})
	}
	done, err := p.store.Append(p.t.Context(), ledger.Stream(), es.AnyRevision, proposed)
	require.NoError(p.t, err)
	p.position = done.Position.String()
}

func TestFoundM1_AnAmountHasACap(t *testing.T) {
	p := newStack(t).staffed()
	ada := p.open("olivia", "Ada", "Abbott", "carla")
	charge := func(minor, units int64, options ...option) answer {
		return p.post("olivia", p.ledger(ada, "carla", "/charges"), object{"serviceDate": "2026-03-02", "code": "90834", "units": units, "unitPrice": dollars(minor)}, options...)
	}
	pay := func(minor int64, options ...option) answer {
		return p.post("olivia", p.ledger(ada, "carla", "/payments"), object{"amount": dollars(minor), "method": "card", "receivedOn": "2026-03-02"}, options...)
	}

	p.run(t, "the document says it, and the refusal has its name", func(t *testing.T) {
		require.Equal(t, int64(money.Max), int64(*p.doc.Components.Schemas["Minor"].Value.Max))
		for _, beyond := range []int64{money.Max + 1, 6_000_000_000_000_000_000, 1<<63 - 1} {
			refused := charge(beyond, 1, malformed).refused(http.StatusBadRequest, "amount_too_large")
			require.Equal(t, "/unitPrice/minor", refused.Errors[0].Pointer)
			require.Equal(t, "It must be at most 1000000000000.", refused.Errors[0].Message)
			pay(beyond, malformed).refused(http.StatusBadRequest, "amount_too_large")
		}
	})
	p.run(t, "a line is its unit price times its units", func(t *testing.T) {
		require.Contains(t, charge(money.Max/1000+1, 1000).refused(http.StatusBadRequest, "amount_too_large").Detail, "1,000,000,000,000")
		charge(money.Max/1000, 1000).done()
	})
	p.run(t, "the cap itself is taken, and added up exactly", func(t *testing.T) {
		charge(money.Max, 1).done()
		pay(money.Max).done()
		total := p.balance("olivia", "").Total
		require.Equal(t, []amount{usd(2 * money.Max), usd(money.Max), usd(money.Max)}, []amount{total.Charged, total.Received, total.Current})
	})
}

func TestFoundM2_ALedgerOutOfRangeStopsItselfOnly(t *testing.T) {
	p := newStack(t).staffed()
	ada, bruno := p.open("olivia", "Ada", "Abbott", "carla"), p.open("olivia", "Bruno", "Baptiste", "carla")
	p.charge(bruno, "carla", "2026-03-02", 16500)
	huge := id.New[id.Charge]()
	p.written(ada, "carla",
		invoice.ChargeRecorded{Charge: huge, ServiceDate: civil.MustDate("2026-03-02"), Code: "90834", Units: 1, UnitPrice: money.Of(1<<63-1, "USD"), Amount: money.Of(1<<63-1, "USD")},
		invoice.PaymentRecorded{Payment: id.New[id.Payment](), Amount: money.Of(5000, "USD"), Method: invoice.Cash, ReceivedOn: civil.MustDate("2026-03-02")},
	)
	p.written(ada, "david",
		invoice.PaymentRecorded{Payment: id.New[id.Payment](), Amount: money.Of(1<<62-1, "USD"), Method: invoice.Cash, ReceivedOn: civil.MustDate("2026-03-02")},
		invoice.PaymentRecorded{Payment: id.New[id.Payment](), Amount: money.Of(1<<62-1, "USD"), Method: invoice.Cash, ReceivedOn: civil.MustDate("2026-03-02")},
		invoice.PaymentRecorded{Payment: id.New[id.Payment](), Amount: money.Of(1<<62-1, "USD"), Method: invoice.Cash, ReceivedOn: civil.MustDate("2026-03-02")},
	)

	p.run(t, "the practice's balance adds up the others and names them", func(t *testing.T) {
		b := p.balance("olivia", "")
		require.Equal(t, []amount{usd(16500), usd(0), usd(16500)}, []amount{b.Total.Charged, b.Total.Received, b.Total.Current})
		require.Len(t, b.LeftOut, 2)
		for _, l := range b.LeftOut {
			require.Equal(t, []string{ada, "ledger_out_of_range"}, []string{l.Chart, l.Code})
			require.Contains(t, []string{p.members["carla"], p.members["david"]}, l.Clinician)
			require.Contains(t, l.Why, "Void the charges")
		}
		require.Len(t, p.balance("olivia", "?chart="+ada).LeftOut, 2)
	})
	p.run(t, "the ledger itself is answered with its problem", func(t *testing.T) {
		refused := p.get("olivia", p.path("/billing/balance?chart=", ada, "&clinician=", p.members["carla"])).refused(http.StatusUnprocessableEntity, "ledger_out_of_range")
		require.Equal(t, map[string]string{"chart": ada, "clinician": p.members["carla"]}, refused.Details)
		p.post("olivia", p.ledger(ada, "carla", "/charges"), object{"serviceDate": "2026-03-02", "code": "90834", "units": 1, "unitPrice": dollars(1)}).
			refused(http.StatusUnprocessableEntity, "ledger_out_of_range")
	})
	p.run(t, "its history is read, and what is wrong is voided", func(t *testing.T) {
		require.Len(t, p.history("olivia", "?chart="+ada).Entries, 5)
		p.post("olivia", p.ledger(ada, "carla", "/charges/", huge.String(), "/void"), object{"reason": "A slip of the keyboard.", "date": "2026-03-02"}).done()
		b := p.balance("olivia", "")
		require.Equal(t, []amount{usd(16500), usd(5000), usd(11500)}, []amount{b.Total.Charged, b.Total.Received, b.Total.Current})
		require.Len(t, b.LeftOut, 1)
	})
}

func TestFoundM4_NothingIsDatedBeforeThePatientsBirth(t *testing.T) {
	p := newStack(t).staffed()
	ada := p.post("carla", p.path("/charts"), object{
		"patient": object{"givenName": "Ada", "familyName": "Abbott", "birthDate": "2020-02-29"}, "primary": p.members["carla"],
	}).done().ID
	bruno := p.open("olivia", "Bruno", "Baptiste", "carla")
	early := p.charge(bruno, "carla", "1900-01-01", 100)
	draft := p.draft(ada, "carla", "2026-03-02", p.charge(ada, "carla", "2020-02-29", 16500))
	p.issue(ada, "carla", draft)
	credit := p.pay(ada, "carla", "2020-02-29", 20000)
	waiting := p.charge(ada, "carla", "2020-02-29", 200)
	send := func(path string, body object, date, on string) answer {
		body[date] = on
		return p.post("olivia", p.ledger(ada, "carla", path), body, asDryRun)
	}
	for _, on := range []string{"1900-01-01", "2020-02-28"} {
		p.run(t, on, func(*testing.T) {
			send("/charges", object{"code": "90834", "units": 1, "unitPrice": dollars(100)}, "serviceDate", on).refused(http.StatusUnprocessableEntity, "service_before_birth")
			for _, refused := range []answer{
				send("/payments", object{"amount": dollars(100), "method": "cash"}, "receivedOn", on),
				send("/invoices", object{"terms": "net_30", "charges": []string{waiting}}, "date", on),
				send("/charges/"+waiting+"/void", object{"reason": "A slip."}, "date", on),
				send("/invoices/"+draft+"/void", object{"reason": "A slip.", "releasePayments": true}, "date", on),
				send("/payments/"+credit+"/apply", object{}, "date", on),
			} {
				refused.refused(http.StatusUnprocessableEntity, "date_before_birth")
			}
		})
	}
	p.run(t, "where no birth date is known, 1900 is the first year", func(*testing.T) {
		p.draft(bruno, "carla", "1900-01-01", early)
		p.post("olivia", p.ledger(bruno, "carla", "/payments"), object{"amount": dollars(100), "method": "cash", "receivedOn": "1899-12-31"}).refused(http.StatusBadRequest, "date_too_early")
	})
	require.Equal(t, usd(20000), p.balance("olivia", "?chart="+ada).Total.Received)
}

func TestFoundM7_NothingIsSoldWithoutAPriceBookInItsCurrency(t *testing.T) {
	s := newStack(t, with(func(c *httpapi.Config) { c.Operators = []string{"omar"} }))
	group := s.post("zoe", "/v1/groups", object{"name": "Harbour", "billingZone": "Asia/Tokyo", "currency": "JPY", "ownerIsClinician": true}).done().ID
	member := s.me("zoe").Member
	seats := []object{{"member": member, "plan": "erx_lite", "profession": "prescriber"}}
	start := func() answer {
		return s.post("zoe", "/v1/groups/"+group+"/subscription", object{"seats": seats, "quotedTotal": object{"minor": 8900, "currency": "JPY"}})
	}

	refused := start().refused(http.StatusUnprocessableEntity, "no_price_book")
	require.Equal(t, map[string]string{"currency": "JPY"}, refused.Details)
	require.Contains(t, refused.Detail, "There are no prices in JPY")

	prices := []object{}
	for plan, minor := range map[string]int64{"therapist_basic": 7000, "therapist_premium": 9900, "erx_lite": 13000, "prescriber_premium": 17000} {
		prices = append(prices, object{"plan": plan, "minor": minor})
	}
	s.post("omar", "/v1/price-books/JPY/versions", object{"effectiveFrom": "2026-01-01", "prices": prices}).done()
	require.NotEqual(t, "no_price_book", start().problem().Code, "what was quoted in another currency's numbers is another refusal")
}

func TestFoundM10_ADoubleClickIsNoticed(t *testing.T) {
	p := newStack(t).staffed()
	ada := p.open("olivia", "Ada", "Abbott", "carla")
	pay := func(change object, options ...option) answer {
		body := object{"amount": dollars(5000), "method": "check", "receivedOn": "2026-03-02", "externalRef": "1042"}
		for k, v := range change {
			body[k] = v
		}
		return p.post("olivia", p.ledger(ada, "carla", "/payments"), body, options...)
	}
	first := pay(nil).done().ID

	p.run(t, "the second is refused and names the first", func(t *testing.T) {
		refused := pay(nil).refused(http.StatusConflict, "possible_duplicate_payment")
		require.Equal(t, map[string]string{"payment": first}, refused.Details)
		require.Contains(t, refused.Detail, "confirmDuplicate")
		require.Equal(t, usd(5000), p.balance("olivia", "").Total.Received)
	})
	p.run(t, "confirmed or named, it is another payment", func(t *testing.T) {
		pay(object{"confirmDuplicate": true}).done()
		pay(nil, key("the third check of the day")).done()
		require.Equal(t, "replayed", pay(nil, key("the third check of the day")).receipt().Outcome)
		require.Equal(t, usd(15000), p.balance("olivia", "").Total.Received)
	})
	p.run(t, "a charge for the same service too", func(t *testing.T) {
		charge := object{"serviceDate": "2026-03-02", "code": "90834", "units": 1, "unitPrice": dollars(100)}
		once := p.post("olivia", p.ledger(ada, "carla", "/charges"), charge).done().ID
		refused := p.post("olivia", p.ledger(ada, "carla", "/charges"), charge).refused(http.StatusConflict, "possible_duplicate_charge")
		require.Equal(t, map[string]string{"charge": once}, refused.Details)
		charge["confirmDuplicate"] = true
		p.post("olivia", p.ledger(ada, "carla", "/charges"), charge).done()
	})
}

func TestFoundM11_ANumberNamesOneInvoice(t *testing.T) {
	p := newStack(t).staffed()
	ada := p.open("olivia", "Ada", "Abbott", "carla")
	issued := func(clinician string) string {
		draft := p.draft(ada, clinician, "2026-03-02", p.charge(ada, clinician, "2026-03-02", 100))
		p.issue(ada, clinician, draft)
		return draft
	}
	prefix := func(as, clinician string) (answer struct {
		Prefix  string
		Settled bool
	},
	) {
		p.get(as, p.path("/members/", p.members[clinician], "/invoice-prefix")).into(&answer)
		return answer
	}
	choose := func(as, clinician, prefix string, options ...option) answer {
		return p.put(as, p.path("/members/", p.members[clinician], "/invoice-prefix"), object{"prefix": prefix}, options...)
	}

	p.run(t, "a clinician chooses their own, which nobody else has", func(t *testing.T) {
		choose("carla", "carla", "KM").refused(http.StatusForbidden, "permission_denied")
		p.allow("carla", "patient_billing.manage", "own")
		choose("carla", "carla", "KM").done()
		choose("olivia", "david", "KM").refused(http.StatusUnprocessableEntity, "invoice_prefix_taken")
		choose("david", "carla", "DX").refused(http.StatusForbidden, "permission_denied")
		require.True(t, prefix("olivia", "carla").Settled)
		require.False(t, prefix("olivia", "david").Settled)
	})
	first, second := issued("carla"), issued("david")
	p.run(t, "the first number settles the default of who chose none", func(t *testing.T) {
		david := prefix("david", "david")
		require.True(t, david.Settled)
		require.Regexp(t, `^C\d+$`, david.Prefix)
		choose("olivia", "david", "DX").refused(http.StatusUnprocessableEntity, "invoice_prefix_settled")
		require.Len(t, p.tracker("olivia", "?number="+david.Prefix+"-000001").Invoices, 1)
		require.Equal(t, second, p.tracker("olivia", "?number="+david.Prefix+"-000001").Invoices[0].ID)
	})
	p.run(t, "the search by a number finds one", func(t *testing.T) {
		found := p.tracker("olivia", "?number=km-000001").Invoices
		require.Len(t, found, 1)
		require.Equal(t, []string{first, "KM-000001"}, []string{found[0].ID, found[0].Number})
		require.Len(t, p.tracker("olivia", "?number=000001").Invoices, 2, "a part of it finds all that have it")
	})
}

func TestFoundM12_NamesStandBesideIDs(t *testing.T) {
	p := newStack(t).staffed()
	ada := p.open("olivia", "Ada", "Abbott", "carla")
	draft := p.draft(ada, "carla", "2026-03-02", p.charge(ada, "carla", "2026-03-02", 16500))
	p.issue(ada, "carla", draft)
	p.subscribe("therapist_basic", "therapist")
	p.settle()

	type named struct{ PatientName, ClinicianName, ActorName string }
	p.run(t, "the history, the tracker and the balance name patients, clinicians and who acted", func(t *testing.T) {
		var h struct{ Entries []named }
		p.get("olivia", p.path("/billing/history")).into(&h)
		require.Equal(t, []named{{"Ada Abbott", "carla", "olivia"}, {"Ada Abbott", "carla", "olivia"}}, h.Entries)
		var tracked struct{ Invoices []named }
		p.get("olivia", p.path("/billing/invoices")).into(&tracked)
		require.Equal(t, []named{{"Ada Abbott", "carla", ""}}, tracked.Invoices)
		var b struct{ Clinicians []named }
		p.get("olivia", p.path("/billing/balance")).into(&b)
		require.Equal(t, []named{{"", "carla", ""}}, b.Clinicians)
	})
	p.run(t, "who may not see the chart gets the money without the patient's name", func(t *testing.T) {
		p.put("olivia", p.path("/members/", p.members["carla"], "/permissions/roster.view"), object{"effect": "deny", "scope": "group"}).done()
		var h struct{ Entries []named }
		p.get("carla", p.path("/billing/history")).into(&h)
		require.Equal(t, []named{{"", "carla", "olivia"}, {"", "carla", "olivia"}}, h.Entries)
	})
	p.run(t, "licences, charges and the seat ledger name who holds a licence", func(t *testing.T) {
		type held struct{ HolderName, Explanation string }
		var list struct {
			Licences []struct {
				HolderName string
				Next       struct{ Charge held }
			}
		}
		p.get("olivia", p.path("/licences")).into(&list)
		require.ElementsMatch(t, []string{"carla", "david"}, []string{list.Licences[0].HolderName, list.Licences[1].HolderName})
		require.Contains(t, list.Licences[0].Next.Charge.Explanation, " of "+list.Licences[0].HolderName+" on Therapist basic: $49.00")
		var charges struct {
			Charges []struct {
				ID        string
				LineCount int
			}
		}
		p.get("olivia", p.path("/subscription/charges")).into(&charges)
		var charge struct{ Lines []held }
		p.get("olivia", p.path("/subscription/charges/", charges.Charges[0].ID)).into(&charge)
		require.Len(t, charge.Lines, charges.Charges[0].LineCount)
		line := charge.Lines[0]
		require.Contains(t, []string{"carla", "david"}, line.HolderName)
		require.Contains(t, line.Explanation, " of "+line.HolderName+" on ")
		var seats struct {
			Seats []struct {
				HolderName string
				Days       int
				Reason     string
				Costs      []struct {
					Line struct{ Days, PeriodDays int }
				}
			}
		}
		p.get("olivia", p.path("/subscription/seat-ledger?from=2026-03-01&to=2026-04-30")).into(&seats)
		for _, s := range seats.Seats {
			require.Contains(t, []string{"carla", "david"}, s.HolderName)
			covered := 0
			for _, c := range s.Costs {
				covered += c.Line.Days
			}
			require.Equal(t, s.Reason == "charged", covered > 0)
			require.True(t, s.Reason != "charged" || s.Days <= covered, "%d days are charged by lines of %d", s.Days, covered)
		}
		var quote struct{ Lines []held }
		p.get("olivia", p.path("/subscription/quote?plan=therapist_premium&quantity=1")).into(&quote)
		require.Contains(t, quote.Lines[0].Explanation, "A licence on Therapist premium: $69.00")
	})
}
