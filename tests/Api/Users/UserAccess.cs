using CryptoAI.Api.Edge;
using CryptoAI.Storage.Users;
using CryptoAI.Tests.Api.Edge;

namespace CryptoAI.Tests.Api.Users;

internal static class UserAccess
{
    public static readonly AccessLine[] Lines =
    [
        new("POST", "/api/v1/auth/register", Access.Public),
        new("POST", "/api/v1/auth/verify-email", Access.Public) { TakesCredentials = true },
        new("POST", "/api/v1/auth/sign-in", Access.Public) { TakesCredentials = true },
        new("POST", "/api/v1/auth/refresh", Access.Public) { TakesCredentials = true },
        new("POST", "/api/v1/auth/forgot-password", Access.Public),
        new("POST", "/api/v1/auth/reset-password", Access.Public) { TakesCredentials = true },
        new("POST", "/api/v1/setup", Access.Public) { TakesCredentials = true },
        new("POST", "/api/v1/auth/sign-out", Access.SignedIn) { EndsSession = true },
        new("POST", "/api/v1/auth/sign-out-everywhere", Access.SignedIn) { EndsSession = true },
        new("POST", "/api/v1/hub/ticket", Access.SignedIn),
        new("GET", "/api/v1/users/me", Access.SignedIn),
        new("PATCH", "/api/v1/users/me", Access.SignedIn),
        new("PUT", "/api/v1/users/me/preferences", Access.SignedIn),
        new("POST", "/api/v1/users/me/password", Access.SignedIn),
        new("POST", "/api/v1/users/me/delete", Access.SignedIn),
        new("GET", "/api/v1/users/me/sessions", Access.SignedIn),
        new("DELETE", "/api/v1/users/me/sessions/{sessionId:long}", Access.SignedIn)
        {
            Own = async owner => $"/api/v1/users/me/sessions/{await AnotherSessionAsync(owner)}",
        },
        new("GET", "/api/v1/users/me/activities", Access.SignedIn),
        new("GET", "/api/v1/admin/users", Access.Admin),
        new("GET", "/api/v1/admin/users/{userId:long}", Access.Admin),
        new("PATCH", "/api/v1/admin/users/{userId:long}", Access.Admin),
        new("DELETE", "/api/v1/admin/users/{userId:long}", Access.Admin),
        new("POST", "/api/v1/admin/users/{userId:long}/restore", Access.Admin),
        new("POST", "/api/v1/admin/users/{userId:long}/sign-out", Access.Admin),
        new("GET", "/api/v1/admin/users/{userId:long}/activities", Access.Admin),
    ];

    private static async Task<long> AnotherSessionAsync(Person owner)
    {
        await using var command = owner.Database.CreateCommand(
            """
            insert into user_sessions (user_id, session_token, token_expires_at, expires_at)
            values ($1, $2, now() + interval '1 hour', now() + interval '1 day') returning id
            """);
        command.Parameters.AddWithValue(owner.Id);
        command.Parameters.AddWithValue(Tokens.Hash(Tokens.Create()));
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
