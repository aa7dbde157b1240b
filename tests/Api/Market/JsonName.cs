using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace CryptoAI.Tests.Api.Market;

/// <summary>Stands for the JSON protocol where only its name is asked for: frames are already written in it.</summary>
internal sealed class JsonName : IHubProtocol
{
    public static readonly JsonName Instance = new();

    public string Name => "json";

    public int Version => 1;

    public TransferFormat TransferFormat => TransferFormat.Text;

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => throw new NotSupportedException();

    public bool IsVersionSupported(int version) => true;

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message) =>
        throw new NotSupportedException();

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => throw new NotSupportedException();
}
