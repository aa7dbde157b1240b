using Orleans;

namespace CryptoAI.Engine.Local;

internal abstract class LocalEngine
{
    public abstract IGrainFactory Grains { get; }
}
