internal import CobreEngine
print(engineVersion)
