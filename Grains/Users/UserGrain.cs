using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Grains.Interfaces.Users;
using CryptoAI.Storage.Users;

namespace CryptoAI.Grains.Users;

/// <summary>
/// One account. It keeps nothing in memory: the database is asked, so that what an administrator or another node did counts at once;
/// the grain is where ownership is decided and where changes of one account follow one another.
/// </summary>
public sealed class UserGrain(UserStore store, Passwords passwords, TimeProvider time) : Grain, IUserGrain
{
    private const int MaxActivities = 200;

    private long Id => this.GetPrimaryKeyLong();

    public async Task<Account> GetAsync(long callerId)
    {
        Own(callerId);
        return Plain(await store.GetAsync(Id, CancellationToken.None));
    }

    public async Task<Account> UpdateProfileAsync(Actor actor, ProfileChange change)
    {
        Own(actor.UserId);
        return Plain(await store.UpdateProfileAsync(actor, AccountRules.Check(change), CancellationToken.None));
    }

    public async Task<Account> SetPreferencesAsync(Actor actor, string preferences)
    {
        Own(actor.UserId);
        return Plain(await store.SetPreferencesAsync(actor, AccountRules.Preferences(preferences), CancellationToken.None));
    }

    public async Task ChangePasswordAsync(Actor actor, string currentPassword, string newPassword)
    {
        Own(actor.UserId);
        var hash = await ProveAsync(currentPassword, "currentPassword");
        var email = (await store.GetAsync(Id, CancellationToken.None))?.Email ?? "";
        var newHash = await passwords.HashAsync(AccountRules.Password(newPassword, email, "newPassword"));
        if (!await store.SetPasswordAsync(actor, hash, newHash, CancellationToken.None))
        {
            throw new RefusedException(Refusal.Conflict, "The password was changed meanwhile.");
        }
    }

    public Task<Session[]> ListSessionsAsync(long callerId)
    {
        Own(callerId);
        return store.ListSessionsAsync(Id, CancellationToken.None);
    }

    public async Task RevokeSessionAsync(Actor actor, long sessionId)
    {
        Own(actor.UserId);
        if (!await store.RevokeSessionAsync(actor, sessionId, CancellationToken.None))
        {
            throw RefusedException.NotFound("session");
        }
    }

    public Task<int> RevokeSessionsAsync(Actor actor)
    {
        Own(actor.UserId);
        return store.RevokeSessionsAsync(actor, Id, CancellationToken.None);
    }

    public async Task DeleteAsync(Actor actor, string password)
    {
        Own(actor.UserId);
        await ProveAsync(password, "password");
        await store.DeleteAsync(actor, Id, CancellationToken.None);
    }

    public async Task<ActivityEntry[]> ListActivitiesAsync(long callerId, long? afterId, int limit)
    {
        if (callerId != Id)
        {
            await AdminAsync(callerId);
        }

        return limit is > 0 and <= MaxActivities
            ? await store.ListActivitiesAsync(Id, afterId, limit, CancellationToken.None)
            : throw RefusedException.Invalid("limit", $"Must be 1 to {MaxActivities}.");
    }

    public async Task<Account> InspectAsync(long adminId)
    {
        await AdminAsync(adminId);
        return await store.GetAsync(Id, CancellationToken.None) ?? throw RefusedException.NotFound("user");
    }

    public async Task<Account> AdministerAsync(Actor admin, AccountChange change)
    {
        await AdminAsync(admin.UserId);
        return await store.AdministerAsync(admin, Id, AccountRules.Check(change, time.GetUtcNow()), CancellationToken.None)
            ?? throw RefusedException.NotFound("user");
    }

    public async Task RemoveAsync(Actor admin)
    {
        await AdminAsync(admin.UserId);
        if (await store.DeleteAsync(admin, Id, CancellationToken.None) is null)
        {
            throw RefusedException.NotFound("user");
        }
    }

    public async Task<Account> RestoreAsync(Actor admin)
    {
        await AdminAsync(admin.UserId);
        return await store.RestoreAsync(admin, Id, CancellationToken.None) ?? throw RefusedException.NotFound("deleted user");
    }

    public async Task<int> SignOutAsync(Actor admin)
    {
        await AdminAsync(admin.UserId);
        return await store.RevokeSessionsAsync(admin, Id, CancellationToken.None);
    }

    private static Account Plain(Account? account) =>
        account is null ? throw RefusedException.NotFound("user") : account with { Administration = null };

    private void Own(long callerId)
    {
        if (callerId != Id)
        {
            throw RefusedException.NotFound("user");
        }
    }

    private async Task AdminAsync(long callerId)
    {
        if (!await store.IsAdminAsync(callerId, CancellationToken.None))
        {
            throw new RefusedException(Refusal.Forbidden, "This is open to administrators only.");
        }
    }

    /// <summary>The stored hash, once the password is proven.</summary>
    private async Task<string> ProveAsync(string password, string field)
    {
        var hash = await store.PasswordHashAsync(Id, CancellationToken.None) ?? throw RefusedException.NotFound("user");
        return (await passwords.VerifyAsync(hash, password)).IsRight ? hash : throw RefusedException.Invalid(field, "Is not your password.");
    }
}
