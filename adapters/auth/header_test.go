package auth_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"praxis/adapters/auth"
	"praxis/domain/fault"
)

func TestBearerHeadersAreReadStrictly(t *testing.T) {
	longest := strings.Repeat("a", 8<<10)
	for name, tc := range map[string]struct {
		headers []string
		token   string
		err     error
	}{
		"a token":                     {[]string{"Bearer aaa.bbb.ccc"}, "aaa.bbb.ccc", nil},
		"the scheme in any case":      {[]string{"bEARER a-._~+/1=="}, "a-._~+/1==", nil},
		"exactly 8 KiB":               {[]string{"Bearer " + longest}, longest, nil},
		"no header":                   {nil, "", auth.ErrTokenMissing},
		"an empty header":             {[]string{""}, "", auth.ErrTokenMalformed},
		"another scheme":              {[]string{"Basic dXNlcjpwdw=="}, "", auth.ErrTokenMissing},
		"no token":                    {[]string{"Bearer"}, "", auth.ErrTokenMalformed},
		"an empty token":              {[]string{"Bearer "}, "", auth.ErrTokenMalformed},
		"padding only":                {[]string{"Bearer =="}, "", auth.ErrTokenMalformed},
		"padding inside":              {[]string{"Bearer a=b"}, "", auth.ErrTokenMalformed},
		"two spaces":                  {[]string{"Bearer  abc"}, "", auth.ErrTokenMalformed},
		"a space behind":              {[]string{"Bearer abc "}, "", auth.ErrTokenMalformed},
		"two tokens":                  {[]string{"Bearer abc, Bearer def"}, "", auth.ErrTokenMalformed},
		"two headers":                 {[]string{"Bearer abc", "Bearer def"}, "", auth.ErrTokenMalformed},
		"two equal headers":           {[]string{"Bearer abc", "Bearer abc"}, "", auth.ErrTokenMalformed},
		"letters beyond ASCII":        {[]string{"Bearer abcé"}, "", auth.ErrTokenMalformed},
		"a tab":                       {[]string{"Bearer\tabc"}, "", auth.ErrTokenMalformed},
		"one byte more than 8 KiB":    {[]string{"Bearer " + longest + "a"}, "", auth.ErrTokenMalformed},
		"a quoted token is no token":  {[]string{`Bearer "abc"`}, "", auth.ErrTokenMalformed},
		"a line break is never taken": {[]string{"Bearer abc\r\nX: y"}, "", auth.ErrTokenMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := auth.FromHeader(http.Header{"Authorization": tc.headers})
			require.ErrorIs(t, err, tc.err)
			require.Equal(t, tc.token, token)
		})
	}
}

func FuzzFromHeader(f *testing.F) {
	f.Add("Bearer aaa.bbb.ccc")
	f.Add("bearer  x")
	f.Add("Basic dXNlcjpwdw==")
	f.Fuzz(func(t *testing.T, value string) {
		token, err := auth.FromHeader(http.Header{"Authorization": {value}})
		if err != nil {
			require.True(t, errors.Is(err, auth.ErrTokenMalformed) || errors.Is(err, auth.ErrTokenMissing), "%s", err)
			require.Empty(t, token)
			return
		}
		require.True(t, strings.EqualFold("Bearer "+token, value))
		require.NotContains(t, token, " ")
	})
}

func FuzzVerify(f *testing.F) {
	fix := newFixture(f)
	good := fix.token(f, fix.claims())
	genuine, err := fix.verifier.Verify(f.Context(), good)
	require.NoError(f, err)
	f.Add(good)
	f.Add(sign(f, jose.HS256, []byte("shared-secret-of-32-bytes-length"), "key-1", "JWT", fix.claims()))
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add(fix.token(f, fix.claimsWith("auth_time", "yesterday")))
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		principal, err := fix.verifier.Verify(t.Context(), token)
		if err == nil {
			// Base64 has several spellings of one signature, but no input may name anybody else.
			require.Equal(t, genuine, principal)
			return
		}
		require.Equal(t, fault.Unauthenticated, fault.KindOf(err))
		require.Zero(t, principal)
	})
}
