package fault_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/fault"
)

func caught(f func()) (p *fault.PanicError) {
	defer func() { p = fault.Recovered(recover()) }()
	f()
	return nil
}

func TestCause_NamesKindsAndPlacesAndRepeatsNothing(t *testing.T) {
	t.Run("codes and types, the outermost first", func(t *testing.T) {
		err := fmt.Errorf("fold Mrs Abbott: %w", fault.New(fault.Internal, "event_unreadable", "No.").Because(errors.New("Mrs Abbott")))
		require.Equal(t, "event_unreadable: *errors.errorString", fault.Cause(err))
	})
	t.Run("a field that does not fit, without its value", func(t *testing.T) {
		var into struct{ Amount int }
		err := json.Unmarshal([]byte(`{"Amount": 12.5}`), &into)
		require.Equal(t, "*json.UnmarshalTypeError: field Amount is not of type int", fault.Cause(err))
	})
	t.Run("a panic of the runtime says which", func(t *testing.T) {
		var list []int
		p := caught(func() { _ = list[3] })
		require.Equal(t, "panic: runtime error: index out of range [3] with length 0", p.Error())
		require.Regexp(t, `^praxis/domain/fault_test\.TestCause\w+\.func3\.1 \(cause_test\.go:\d+\)\n`, p.Stack, "the innermost function of ours comes first")
		require.NotContains(t, p.Stack, "0x", "no arguments")
		require.Equal(t, "taken: "+p.Error(), fault.Cause(errTaken.Because(p)))
		require.Equal(t, p.Stack, fault.StackOf(errTaken.Because(p)))
	})
	t.Run("a panic with a value of ours says its type only", func(t *testing.T) {
		require.Equal(t, "panic: string", caught(func() { panic("Mrs Abbott") }).Error())
	})
	t.Run("without a panic the stack is where it was asked for", func(t *testing.T) {
		require.Regexp(t, `^praxis/domain/fault_test\.TestCause\w+\.func5 `, fault.StackOf(errTaken))
	})
}
