namespace CryptoAI.Grains.Interfaces.Users;

/// <summary>
/// An account of somebody who is signed in, and what administrators do with it. Key: users.id. To anybody but its owner and
/// administrators there is no such account.
/// </summary>
[Alias("IUserGrain")]
public interface IUserGrain : IGrainWithIntegerKey
{
    /// <summary>The account, without what is for administrators only.</summary>
    [Alias("Get")]
    Task<Account> GetAsync(long callerId);

    [Alias("UpdateProfile")]
    Task<Account> UpdateProfileAsync(Actor actor, ProfileChange change);

    /// <summary>Replaces the preferences: a JSON object of at most 16 kB.</summary>
    [Alias("SetPreferences")]
    Task<Account> SetPreferencesAsync(Actor actor, string preferences);

    /// <summary>Ends all other sessions too.</summary>
    [Alias("ChangePassword")]
    Task ChangePasswordAsync(Actor actor, string currentPassword, string newPassword);

    /// <summary>Sessions that stand, the last used first.</summary>
    [Alias("ListSessions")]
    Task<Session[]> ListSessionsAsync(long callerId);

    /// <summary>Ends a session; signing out is ending one's own.</summary>
    [Alias("RevokeSession")]
    Task RevokeSessionAsync(Actor actor, long sessionId);

    /// <summary>Ends all sessions. Gives their number.</summary>
    [Alias("RevokeSessions")]
    Task<int> RevokeSessionsAsync(Actor actor);

    /// <summary>Closes the account and ends all sessions. An administrator can restore it.</summary>
    [Alias("Delete")]
    Task DeleteAsync(Actor actor, string password);

    /// <summary>What the person did, the newest first.</summary>
    /// <param name="callerId">The owner or an administrator.</param>
    /// <param name="afterId">The last entry of the page before; null for the first page.</param>
    /// <param name="limit">At most so many, up to 200.</param>
    [Alias("ListActivities")]
    Task<ActivityEntry[]> ListActivitiesAsync(long callerId, long? afterId, int limit);

    /// <summary>The whole account, for administrators.</summary>
    [Alias("Inspect")]
    Task<Account> InspectAsync(long adminId);

    /// <summary>Changes what only administrators may. The last administrator stays one.</summary>
    [Alias("Administer")]
    Task<Account> AdministerAsync(Actor admin, AccountChange change);

    /// <summary>Closes the account for an administrator, as <see cref="DeleteAsync"/> does.</summary>
    [Alias("Remove")]
    Task RemoveAsync(Actor admin);

    /// <summary>Opens a deleted account again. Its sessions stay ended.</summary>
    [Alias("Restore")]
    Task<Account> RestoreAsync(Actor admin);

    /// <summary>Ends all sessions for an administrator. Gives their number.</summary>
    [Alias("SignOut")]
    Task<int> SignOutAsync(Actor admin);
}
