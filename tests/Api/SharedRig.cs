namespace CryptoAI.Tests.Api;

/// <summary>
/// One product for all tests of a class or a collection: to start one takes longer than most tests. An endpoint of the tests' own is mapped
/// in <see cref="InitializeAsync"/>: after the first request there are no new ones.
/// </summary>
public abstract class SharedRig(params string[] settings) : IAsyncLifetime
{
    internal ApiRig Rig { get; private set; } = null!;

    public virtual async Task InitializeAsync() => Rig = await ApiRig.StartAsync(settings);

    public virtual async Task DisposeAsync() => await Rig.DisposeAsync();
}
