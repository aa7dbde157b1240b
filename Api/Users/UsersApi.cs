namespace CryptoAI.Api.Users;

/// <summary>Accounts: signing in, one's own, and those that administrators look after.</summary>
public static class UsersApi
{
    public static IServiceCollection AddUsersApi(this IServiceCollection services)
    {
        services.AddHostedService<SetupNotice>();
        return services;
    }

    public static void MapUsersApi(this WebApplication app)
    {
        var api = app.MapGroup("/api/v1");
        api.MapAuth();
        api.MapAccount();
        api.MapAdministration();
    }
}
