namespace CryptoAI.Tests.Shared;

/// <summary>Folders of tests.</summary>
public static class Folders
{
    /// <summary>Removes a folder, if it is there, as soon as a process that a test ended or killed has left it: it may still write for a moment.</summary>
    public static void Remove(string folder)
    {
        if (!SpinWait.SpinUntil(() => TryRemove(folder), TimeSpan.FromMinutes(1)))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool TryRemove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return !Directory.Exists(folder);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
