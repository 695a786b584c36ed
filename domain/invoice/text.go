package invoice

import (
	"strings"

	"praxis/domain/fault"
	"praxis/domain/money"
	"praxis/domain/text"
)

// voidReason is why something is taken back.
var voidReason = text.Line("reason", 500)

// checkReason returns the reason as it is kept. Faults: "reason_required" with the
// given message, and those of package text.
func checkReason(reason, required string) (string, error) {
	reason, err := voidReason.Read(reason)
	if err == nil && reason == "" {
		return "", fault.New(fault.Invalid, "reason_required", "%s", required)
	}
	return reason, err
}

// sameCurrency refuses amounts that are not in the group's currency (BIL-A25).
func sameCurrency(m money.Money, group money.Currency) error {
	if m.Currency != group || group == "" {
		return fault.New(fault.Rejected, "currency_mismatch", "Currency %s does not match account currency %s.", m.Currency, group)
	}
	return nil
}

// codeLike reports whether s is 2 to limit capital letters and digits.
func codeLike(s string, limit int) bool {
	return len(s) >= 2 && len(s) <= limit && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// diagnosisLike reports whether s is written like an ICD-10 code: a category of
// three characters and up to four more after a dot.
func diagnosisLike(s string) bool {
	category, detail, dotted := strings.Cut(s, ".")
	return len(category) == 3 && codeLike(category, 3) && category[0] >= 'A' &&
		(!dotted || len(detail) >= 1 && codeLike("X"+detail, 5))
}

func all(list []string, ok func(string) bool) bool {
	for _, s := range list {
		if !ok(s) {
			return false
		}
	}
	return true
}

var errDateRequired = fault.New(fault.Invalid, "date_required", "Give the date on which this takes effect.")
