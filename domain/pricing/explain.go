package pricing

import (
	"fmt"
	"strings"

	"praxis/domain/civil"
	"praxis/domain/money"
)

// Explain says in one sentence how the amount came about, exactly from what the
// line stores: every cent is accounted for. holder is the name of the member who
// held the licence, if the reader may know; a line of a quote has no licence yet.
func (l Line) Explain(holder string) string {
	var b strings.Builder
	licence := "A licence"
	if !l.Licence.IsZero() {
		licence = "Licence " + l.Licence.String()
	}
	if holder != "" {
		licence += " of " + holder
	}
	fmt.Fprintf(&b, "%s on %s: %s for %s%s", licence, l.Plan.Name(), l.sum(), l.span(), l.because())
	if !l.Discount.Proof.IsZero() {
		fmt.Fprintf(&b, "; %s with proof %s", l.Discount.reason(), l.Discount.Proof)
	}
	if gross, err := l.Gross(); err == nil && !l.Tax.IsZero() {
		fmt.Fprintf(&b, "; %s tax of %s makes it %s", percent(l.TaxBasisPoints), Spell(l.Tax), Spell(gross))
	}
	fmt.Fprintf(&b, " (price book version %d).", l.Book)
	return b.String()
}

// sum is the amount, with its calculation if there was one.
func (l Line) sum() string {
	if l.Discount.Full() && l.Days == l.PeriodDays {
		return Spell(l.Amount)
	}
	var b strings.Builder
	if l.Kind.Credit() {
		b.WriteString("−")
	}
	b.WriteString(Spell(l.Price))
	if !l.Discount.Full() {
		fmt.Fprintf(&b, " × %d/%d", l.Discount.Num, l.Discount.Den)
	}
	if l.Days != l.PeriodDays {
		fmt.Fprintf(&b, " × %d/%d days", l.Days, l.PeriodDays)
	}
	return b.String() + " = " + Spell(l.Amount)
}

// span is what the line pays for.
func (l Line) span() string {
	switch {
	case l.Days == l.PeriodDays:
		return fmt.Sprintf("the period from %s to %s", l.Period.Start, l.Until())
	case l.From == l.Until():
		return fmt.Sprintf("%s, the last day of the period", l.From)
	}
	return fmt.Sprintf("%s to %s", l.From, l.Until())
}

// because is the reason of the line's kind; a renewal needs none.
func (l Line) because() string {
	switch l.Kind {
	case LinePurchase:
		return fmt.Sprintf(", bought on %s", l.From)
	case LineRenewal:
		return ""
	case LineUpgradeCredit:
		return fmt.Sprintf(", given back because the plan was left on %s", l.From)
	case LineUpgradeCharge:
		return fmt.Sprintf(", on this plan since %s", l.From)
	case LineActivation:
		return fmt.Sprintf(", because its purchase was paid on %s, after the period had begun", l.From)
	case LineUnusedCredit:
		return fmt.Sprintf(", given back because the licence was released on %s", l.From.Add(-1))
	}
	return ", for an unknown reason"
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

// percent writes basis points as people do, such as "8.25 %".
func percent(points int) string {
	text := fmt.Sprintf("%d.%02d", points/100, points%100)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + " %"
}

// Spell writes dollars as people do, and other currencies with their code.
func Spell(m money.Money) string {
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
