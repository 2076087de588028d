using System.Globalization;
using System.Text;
using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>
/// PyTorch's ZIP format: under one folder, data.pkl (a pickle), data/KEY (a storage each), version, byteorder. Source:
/// PyTorch's caffe2/serialize/inline_container.h and torch/serialization.py.
/// </summary>
internal static class PyTorchZip
{
    private const string Pickle = "data.pkl";

    /// <summary>The state dicts in the file, at least one.</summary>
    public static IReadOnlyList<StateDictPart> Read(ByteSource source)
    {
        var zip = new ZipReader(source);
        string folder = FindFolder(zip);
        bool bigEndian = IsBigEndian(zip, folder);
        object? root = new PickleReader(zip.Read(folder + Pickle), Pickle, source.Budget).Read();
        return new PickledStateDict(Load, source.Budget).Parts(root);

        byte[] Load(StorageReference storage)
        {
            string name = $"{folder}data/{storage.Key}";
            int size = Tensor.SizeOf(storage.Type);
            long length = zip.LengthOf(name);
            if (length >= 0 && (Int128)storage.RootCount * size != length)
            {
                throw new InvalidDataException(
                    $"{FileText.Quote(name)} should be {storage.RootCount} × {storage.Type} by {Pickle}, but has " +
                    $"{length} bytes.");
            }

            byte[] data = zip.Read(name);
            if (bigEndian)
                Tensor.ReverseElements(data, size);
            return data;
        }
    }

    public static void Write(Stream stream, StateDict stateDict)
    {
        const string folder = "archive/";
        var keys = new List<string>();
        var storages = new Dictionary<(byte[] Data, TensorType Type), string>();
        var order = new List<byte[]>();
        foreach ((string name, Tensor tensor) in stateDict)
        {
            if (!StateDict.IsUnicode(name))
                throw new ArgumentException($"The tensor name {FileText.Quote(name)} is not valid Unicode.", nameof(stateDict));
            // Tensors that share their array share the storage, as tied weights do in PyTorch.
            if (!storages.TryGetValue((tensor.Data, tensor.Type), out string? key))
            {
                storages[(tensor.Data, tensor.Type)] = key = order.Count.ToString(CultureInfo.InvariantCulture);
                order.Add(tensor.Data);
            }

            keys.Add(key);
        }

        var zip = new ZipWriter(stream);
        zip.Add(folder + Pickle, PickleWriter.Write(stateDict, keys));
        zip.Add(folder + "byteorder", "little"u8);
        for (int i = 0; i < order.Count; i++)
            zip.Add($"{folder}data/{i.ToString(CultureInfo.InvariantCulture)}", order[i]);
        zip.Add(folder + "version", "3\n"u8);
        zip.Finish();
    }

    private static string FindFolder(ZipReader zip)
    {
        string? folder = null;
        foreach (string name in zip.Names)
        {
            int slash = name.IndexOf('/');
            if (name[(slash + 1)..] == "constants.pkl")
                throw new InvalidDataException($"Expected a state dict, got a TorchScript archive: it has {FileText.Quote(name)}.");
            if (name[(slash + 1)..] != Pickle)
                continue;
            if (folder is not null)
            {
                throw new InvalidDataException(
                    $"The ZIP archive has {Pickle} twice: {FileText.Quote(folder + Pickle)}, {FileText.Quote(name)}.");
            }

            folder = name[..(slash + 1)];
        }

        return folder ?? throw new InvalidDataException(
            $"Expected a file that torch.save wrote, got a ZIP archive of {zip.Names.Count} entries without {Pickle}.");
    }

    private static bool IsBigEndian(ZipReader zip, string folder)
    {
        string name = folder + "byteorder";
        if (zip.LengthOf(name) < 0)
            return false; // before PyTorch 2.1, where all were little-endian
        return zip.LengthOf(name) <= 16 ? Encoding.UTF8.GetString(zip.Read(name)) switch
        {
            "little" => false,
            "big" => true,
            string other => throw new InvalidDataException($"Expected byteorder 'little' or 'big', got {FileText.Quote(other)}."),
        }
        : throw new InvalidDataException($"Expected byteorder 'little' or 'big', got {zip.LengthOf(name)} bytes.");
    }
}
