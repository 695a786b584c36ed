package pricing

import (
	"fmt"
	"strings"

	"praxis/domain/civil"
	"praxis/domain/money"
)

// Explain says in one sentence how the amount came about, exactly from what the
// line stores (groups.md §4.2: every cent explains itself).
func (l Line) Explain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Licence %s on %s: ", l.Licence, l.Plan.Name())
	if l.Kind == LineUpgradeCredit {
		b.WriteString("−")
	}
	b.WriteString(amount(l.Price))
	if !l.Discount.Full() {
		fmt.Fprintf(&b, " × %d/%d", l.Discount.Num, l.Discount.Den)
	}
	if l.Days != l.PeriodDays {
		fmt.Fprintf(&b, " × %d/%d days", l.Days, l.PeriodDays)
	}
	fmt.Fprintf(&b, " = %s, because %s", amount(l.Amount), l.because())
	if !l.Discount.Proof.IsZero() {
		fmt.Fprintf(&b, "; %s by proof %s", l.Discount.reason(), l.Discount.Proof)
	}
	fmt.Fprintf(&b, " (price book version %d).", l.Book)
	return b.String()
}

// because is the reason of the line's kind, with its days.
func (l Line) because() string {
	until := l.Period.End.Add(-1)
	switch l.Kind {
	case LinePurchase:
		return fmt.Sprintf("it was bought on %s and that day to %s is %s of the period from %s", l.From, until, days(l), l.Period.Start)
	case LineRenewal:
		return fmt.Sprintf("the period from %s to %s is charged", l.Period.Start, until)
	case LineUpgradeCredit:
		return fmt.Sprintf("the plan was left on %s and the days to %s were paid", l.From, until)
	case LineUpgradeCharge:
		return fmt.Sprintf("the plan began on %s and lasts to %s, %s of the period", l.From, until, days(l))
	case LineActivation:
		return fmt.Sprintf("its purchase was paid on %s, after the period from %s had begun", l.From, l.Period.Start)
	}
	return "of an unknown reason"
}

// Name returns what people call the plan.
func (p PlanID) Name() string {
	if plan, ok := PlanOf(p); ok {
		return plan.Name
	}
	return string(p)
}

func (d Discount) reason() string {
	if d.Free() {
		return "free for a trainee"
	}
	return "half price for a trainee"
}

func days(l Line) string {
	if l.Days == l.PeriodDays {
		return "all"
	}
	return fmt.Sprintf("%d of %d days", l.Days, l.PeriodDays)
}

// amount writes dollars as people do, and other currencies with their code.
func amount(m money.Money) string {
	text, dollars := strings.CutPrefix(m.String(), "USD ")
	if !dollars {
		return strings.Replace(text, "-", "−", 1)
	}
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		return "−$" + rest
	}
	return "$" + text
}

// Until returns the last day that the line pays for.
func (l Line) Until() civil.Date { return l.Period.End.Add(-1) }
